//! The JSON Schemas of results files, as validators.

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;

pub struct ResultsSchema {
    schemas: Schemas,
    index: SchemaIndex,
}

impl ResultsSchema {
    /// The schema of what is written now. Compiling it checks it against its own meta-schema.
    pub fn new() -> Self {
        ResultsSchema::of(include_str!("../../../schema/sercost.results-2.json"))
    }

    /// The schema of what was written first.
    pub fn first() -> Self {
        ResultsSchema::of(include_str!("../../../schema/sercost.results-1.json"))
    }

    fn of(schema: &str) -> Self {
        let schema: Value = serde_json::from_str(schema).unwrap();
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        let place = "results.json";
        compiler.add_resource(place, schema).unwrap();
        let index = compiler.compile(place, &mut schemas).unwrap();
        ResultsSchema { schemas, index }
    }

    /// Says in words where `document` is not valid.
    pub fn check(&self, document: &Value) -> Result<(), String> {
        self.schemas.validate(document, self.index).map_err(|error| format!("{error:#}"))
    }
}
