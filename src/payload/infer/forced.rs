//! A type that the user gives a column, held against what the column has.

use super::Node;
use crate::payload::schema::Schema;
use crate::payload::source::Fault;
use crate::payload::width::IntWidth;

/// Holds a column against the type that it is said to be of: the name of the variant that it makes.
pub(super) fn force(schema: &Schema, node: &Node) -> Result<&'static str, Fault> {
    let misfit = |found: &str| {
        Err(Fault::of_column(
            format!("--type says {}, and the column holds {found}", schema.describe()),
            "leave --type away for it, or name a type that holds them",
        ))
    };
    let others = node.bools + node.byte_strings > 0 || node.lists.is_some() || node.objects.is_some();
    match schema {
        schema if schema.is_integer() => {
            if others || node.texts.count > 0 || node.floats.count() > 0 {
                return misfit("other values than integers");
            }
            let width = IntWidth::of(schema);
            node.ints.schema(width).map(|_| "Int")
        }
        Schema::F32 | Schema::F64 | Schema::Number => match others || node.texts.count > 0 {
            true => misfit("other values than numbers"),
            false if *schema == Schema::F32 && node.ints.inexact_f32 => misfit("integers that are not exact as f32"),
            false if node.ints.inexact_f64 => misfit("integers that are not exact as f64"),
            false => Ok("Float"),
        },
        Schema::String => match others || node.ints.count + node.floats.count() > 0 {
            true => misfit("other values than strings"),
            false => Ok("String"),
        },
        _ => misfit("values that it is not for"),
    }
}
