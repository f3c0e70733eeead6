//! Tables as people and programs write them: delimiters, words, marks, names.

use super::{again, read_as, refusal, refusal_with};
use sercost::payload::read::{Document, ReadOptions, parse_delimiter, read, read_tree};
use sercost::payload::show::{parse_schema, schema_rust, schema_text};
use sercost::payload::{Compact, Row as PayloadRow, Schema};

fn csv(text: &str) -> Document {
    read_as("in.csv", text)
}

/// The notes of the reader. Notes of the inferred types begin with a path.
pub fn said(document: &Document) -> Vec<String> {
    document.notes.iter().filter(|note| !note.starts_with('$') && !note.starts_with("and ")).cloned().collect()
}

/// The schema's line of a column.
fn column(document: &Document, name: &str) -> String {
    let text = schema_text(&document.schema, "$");
    let mut words = text.lines().map(|line| line.trim().split_once(char::is_whitespace).unwrap_or((line, "")));
    words.find(|(column, _)| *column == name).unwrap_or_else(|| panic!("no {name} in {text}")).1.trim().to_owned()
}

fn delimited(text: &str, delimiter: &str) -> Document {
    let options = ReadOptions { delimiter: parse_delimiter(delimiter).ok(), ..ReadOptions::default() };
    read("in.csv", text.as_bytes(), &options).unwrap()
}

#[test]
fn the_delimiter_is_found_and_said() {
    let document = csv("id;name;price\n0;n0;0.5\n1;\"a;b\";1.5\n");
    assert_eq!(again(&document), r#"[{"id":0,"name":"n0","price":0.5},{"id":1,"name":"a;b","price":1.5}]"#);
    assert_eq!(
        said(&document),
        ["the delimiter is \";\" and not \",\": 3 columns in all of 3 lines looked at; --delimiter says another"]
    );
    for (name, text) in [("in.csv", "a\tb\n1\t2\n"), ("in.csv", "a|b\n1|2\n"), ("in.tsv", "a,b\n1,2\n")] {
        let document = read_as(name, text);
        assert_eq!((again(&document).as_str(), said(&document).len()), (r#"[{"a":1,"b":2}]"#, 1), "{text}");
    }
    // The delimiter of the ending needs no note.
    for (name, text) in [("in.csv", "a,b\n1,x;y\n2,z;w\n"), ("in.tsv", "a\tb\n1\tx,y\n")] {
        assert_eq!(said(&read_as(name, text)), Vec::<String>::new());
    }
    let excel = csv("sep=;\r\na;b\r\n1;2\r\n");
    assert_eq!(again(&excel), r#"[{"a":1,"b":2}]"#);
    assert_eq!(said(&excel), ["the first line says that the delimiter is \";\", and is not part of the table"]);
}

#[test]
fn a_delimiter_that_is_said_is_taken() {
    assert_eq!(again(&delimited("a;b,c\n1;2,3\n", ";")), r#"[{"a":1,"b,c":2.3}]"#);
    assert_eq!(again(&delimited("a b\n1 2\n", "space")), r#"[{"a":1,"b":2}]"#);
    assert_eq!(again(&delimited("a;b\n1;2\n", "comma")), r#"[{"a;b":"1;2"}]"#);
    let options = ReadOptions { delimiter: Some(b';'), ..ReadOptions::default() };
    assert_eq!(read("in.json", b"[1]", &options).unwrap().notes, ["--delimiter has no meaning for json"]);
    assert!(refusal_with("in.csv", "a;b\n1;2;3\n", &options).contains("the row has 3 cells, the header 2"));
}

#[test]
fn one_column_that_another_delimiter_would_part_is_said() {
    let text = "note; more\nfirst; a\nsecond; b; c\nthird; d\nfourth; e; f\n";
    let document = csv(text);
    assert_eq!(said(&document).len(), 1);
    assert!(said(&document)[0].starts_with("one column, with \";\" in 5 of 5 lines"), "{:?}", said(&document));
    assert!(said(&document)[0].ends_with("say --delimiter ';'"), "{:?}", said(&document));
    assert_eq!(said(&csv("note\nfirst; a\nsecond\n")), Vec::<String>::new());
}

#[test]
fn decimal_commas_are_floats_where_nothing_else_is_meant() {
    let document = csv("a;b\n1;1,5\n2;-0,125\n3;1.234,5\n4;2\n5;\n");
    assert_eq!(
        again(&document),
        r#"[{"a":1,"b":1.5},{"a":2,"b":-0.125},{"a":3,"b":1234.5},{"a":4,"b":2.0},{"a":5,"b":null}]"#
    );
    assert_eq!(said(&document)[1], "column b (3 cells): decimal commas, as 1,5, read as floats");
    // Thousands or thousandths: only the user knows.
    let document = csv("a;b\n1;1,250\n2;2,500\n");
    assert_eq!(column(&document, "b"), "string");
    assert_eq!(
        said(&document)[1],
        "column b (2 cells): numbers with a comma, as 1,234 or 1,5, which may stand for thousands or decimals: kept as text"
    );
    // So may points beside decimal commas.
    let document = csv("a;b\n1,5;1.234\n2,5;950\n");
    assert_eq!(column(&document, "b"), "string");
    assert!(
        said(&document)[2].starts_with("column b (1 cell): numbers with a point before three digits"),
        "{:?}",
        said(&document)
    );
    assert_eq!(column(&csv("a;b\n1,5;1.25\n2,5;1.234\n"), "b"), "f64");
    assert_eq!(column(&csv("a;b\n15;1.234\n"), "b"), "f64");
    // Beside points, and in files of commas, they are text.
    assert_eq!(column(&csv("a;b\n1;1,5\n2;2.5\n"), "b"), "string");
    assert_eq!(column(&csv("a,b\n1,\"1,5\"\n2,\"2,5\"\n"), "b"), "string");
}

#[test]
fn words_for_true_and_false_are_booleans() {
    for (yes, no) in [("True", "False"), ("TRUE", "FALSE"), ("yes", "no"), ("Yes", "No"), ("YES", "NO")] {
        let document = csv(&format!("a,b\n1,{yes}\n2,\n3,{no}\n"));
        assert_eq!(again(&document), r#"[{"a":1,"b":true},{"a":2,"b":null},{"a":3,"b":false}]"#);
        assert_eq!(said(&document), [format!("column b (2 cells): {yes} and {no} read as booleans")]);
    }
    assert_eq!(said(&csv("b\ntrue\nfalse\n")), Vec::<String>::new());
    // Of one spelling, and nothing else.
    for cells in [["True", "false"], ["yes", "maybe"], ["yes", "True"], ["true", "1"]] {
        assert_eq!(column(&csv(&format!("b,c\n{},\n{},\n", cells[0], cells[1])), "b"), "string", "{cells:?}");
    }
    // A table that pandas writes, with its index.
    let rows: String = (0..50).map(|row| format!("{row},{}\n", if row % 2 == 0 { "True" } else { "False" })).collect();
    let document = csv(&format!(",flag\n{rows}"));
    let row = PayloadRow::<Compact>::new(&document.schema, &document.column, 0);
    assert_eq!(postcard::to_stdvec(&row).unwrap().len(), 101);
    assert_eq!(
        said(&document),
        [
            "columns without a name in the header are called by their number: column_1",
            "column flag (50 cells): True and False read as booleans",
        ]
    );
}

#[test]
fn numbers_are_what_other_readers_take_for_numbers() {
    let document = csv("a,b,c,d,e\n.5,5.,+1,1e5,-.5e-3\n.300,2.,-1,2E-3,1.\n");
    assert_eq!(
        again(&document),
        r#"[{"a":0.5,"b":5.0,"c":1,"d":100000.0,"e":-0.0005},{"a":0.3,"b":2.0,"c":-1,"d":0.002,"e":1.0}]"#
    );
    assert_eq!(
        said(&document),
        [
            "columns a (2 cells), b (2 cells), e (2 cells): numbers without a digit before or after the point, as .5 or 5., read as floats",
            "column c (1 cell): numbers with a plus sign, which is dropped",
        ]
    );
    // Codes and telephone numbers.
    let document = csv("zip,phone,id\n01234,+4917612345678,99999999999999999999\n98765,+4917612345679,1\n");
    for name in ["zip", "phone", "id"] {
        assert_eq!(column(&document, name), "string", "{name}");
    }
}

#[test]
fn blanks_around_numbers_are_no_part_of_them() {
    let document = csv("a, b, c, name\n1, 2.5, true, x\n2, .5, false , y y\n3, , true, z\n");
    assert_eq!(
        again(&document),
        r#"[{"a":1,"b":2.5,"c":true,"name":" x"},{"a":2,"b":0.5,"c":false,"name":" y y"},{"a":3,"b":null,"c":true,"name":" z"}]"#
    );
    assert_eq!(
        said(&document),
        [
            "blanks around the name of column \"b\" and 2 more in the header are dropped",
            "column b (1 cell): numbers without a digit before or after the point, as .5 or 5., read as floats",
            "columns b (2 cells), c (3 cells): blanks around numbers and booleans are dropped",
            "column name (3 cells): blanks around text are kept",
            "column b (1 cell): cells of blanks alone are missing values",
        ]
    );
}

#[test]
fn quotes_behind_blanks_are_quotes() {
    let document = csv("\"id\", \"place\"\n  1, \"Bern, BE\"\n 20,  \"Genf \"\"GE\"\"\"\n");
    assert_eq!(again(&document), r#"[{"id":1,"place":"Bern, BE"},{"id":20,"place":"Genf \"GE\""}]"#);
    assert_eq!(
        said(&document),
        [
            "blanks before the quotes of 3 cells are dropped",
            "column id (2 cells): blanks around numbers and booleans are dropped",
        ]
    );
    // Places are those of the file.
    let refused = refusal("in.csv", "\"id\", \"place\"\n1, \"x\"\n2, \"y\", 3\n");
    assert!(refused.starts_with("in.csv: line 3, column 1: $[1]: the row has 3 cells"), "{refused}");
    assert_eq!(again(&csv("a,b\n1, 5\" nails\n")), r#"[{"a":1,"b":" 5\" nails"}]"#);
}

#[test]
fn a_quote_that_is_never_closed_is_refused() {
    for (table, place) in [
        ("a,b\n1,x\n2,\"y\n3,z\n4,w\n", "line 3, column 3: $[1]"),
        // The rows below are a part of the first cell, so that their row has too few.
        ("a,b\n\"1,x\n2,y\n", "line 2, column 1: $[0]"),
        ("a,b,c\n1,x,p\n\"2,y,q\n3,z,\"r\"\n", "line 3, column 1: $[1]"),
        ("\"a,b\n1,x\n", "line 1, column 1"),
    ] {
        let refused = refusal("in.csv", table);
        let expected = format!("in.csv: {place}: a quote is opened in this row and never closed");
        assert!(refused.starts_with(&expected), "{refused}");
    }
    let refused = refusal("in.csv", "a,b\n\"1\n2\"\n");
    assert!(refused.contains("the row has 1 cell, the header 2"), "{refused}");
    assert_eq!(again(&csv("a,b\n1,\"x\ny\"\n2,z\"\n")), r#"[{"a":1,"b":"x\ny"},{"a":2,"b":"z\""}]"#);
}

#[test]
fn a_first_row_that_is_no_header_is_said() {
    let notes = said(&csv("1,2.5\n3,4\n"));
    assert_eq!(notes, ["the first row has nothing but numbers, and is taken for the names: give the table a header"]);
    assert_eq!(said(&csv("1990,x\n3,4\n")), Vec::<String>::new());
    let refused = refusal("in.csv", "# made by a machine\n# in spring\na,b\n1,2\n");
    assert!(refused.ends_with("begins with #: leave out the lines above the header"), "{refused}");
    assert!(said(&csv("a b\n1 2\n3 4\n"))[0].ends_with("say --delimiter space"));
}

#[test]
fn marks_of_missing_values_count_among_numbers_and_booleans() {
    let document = csv("n,x,flag,name\n1,0.5,yes,NA\nNA,N/A,-,Ann\n3,NaN,no,Bob\n-,null,NULL,null\n");
    assert_eq!(
        again(&document),
        r#"[{"n":1,"x":0.5,"flag":true,"name":"NA"},{"n":null,"x":null,"flag":null,"name":"Ann"},{"n":3,"x":null,"flag":false,"name":"Bob"},{"n":null,"x":null,"flag":null,"name":"null"}]"#
    );
    assert_eq!(
        said(&document)[1..],
        [
            "columns n (2 cells), x (3 cells), flag (2 cells): \"NA\", \"-\", \"N/A\" and 3 more marks read as a missing value, as an empty cell is",
            "column name (2 cells): \"NA\", \"null\" kept as text, since not every other cell is a number or boolean",
        ]
    );
    // Not a number is a float where nothing else stands beside it but infinity.
    assert!(column(&csv("x,y\nnan,\ninf,\n"), "x").starts_with('f'));
    assert_eq!(column(&csv("x,y\nNA,\nNA,\n"), "x"), "string");
    // The user's schema keeps them.
    let schema = r#"{"list": {"record": {"name": "Row", "fields": [{"name": "n", "type": "string"}]}}}"#;
    let options = ReadOptions { schema: parse_schema(schema, "s.json").ok(), ..ReadOptions::default() };
    let document = read("in.csv", b"n\n1\nNA\n", &options).unwrap();
    assert_eq!((again(&document).as_str(), said(&document).len()), (r#"[{"n":"1"},{"n":"NA"}]"#, 0));
}

#[test]
fn notes_of_many_columns_are_few() {
    let names: Vec<_> = (0..40).map(|at| format!("c{at}")).collect();
    let cells: Vec<_> = (0..40).map(|_| "NA").collect();
    let numbers: Vec<_> = (0..40).map(|_| ".5").collect();
    let text = format!("{}\n{}\n{}\n", names.join(","), cells.join(","), numbers.join(","));
    let notes = said(&csv(&text));
    assert_eq!(notes.len(), 2);
    assert!(
        notes[1].starts_with("columns c0 (1 cell), c1 (1 cell), c2 (1 cell) and 37 more (37 cells): \"NA\""),
        "{notes:?}"
    );
}

#[test]
fn columns_that_are_called_twice_or_not_at_all_get_names() {
    let document = csv("a,,a,a_2,\n1,2,3,4,5\n");
    assert_eq!(again(&document), r#"[{"a":1,"column_2":2,"a_3":3,"a_2":4,"column_5":5}]"#);
    assert_eq!(
        said(&document),
        [
            "columns without a name in the header are called by their number: column_2, column_5",
            "the header has the name \"a\" more than once: the second is called \"a_3\"",
        ]
    );
}

/// The type that `--show-schema rust` prints for it.
#[derive(Debug, PartialEq, serde::Deserialize)]
struct Row {
    a: u8,
    b: Option<String>,
    c: String,
}

#[test]
fn columns_without_any_value_are_optional_strings() {
    let text = "a,b,c\n1,,x\n2,,y\n";
    let document = csv(text);
    assert!(column(&document, "b").ends_with("string"), "{}", column(&document, "b"));
    let rust = schema_rust(&document.schema);
    assert!(rust.contains("    pub a: u8,\n    pub b: Option<String>,\n    pub c: String,\n"), "{rust}");
    let rows: Vec<Row> = csv::Reader::from_reader(text.as_bytes()).deserialize().collect::<Result<_, _>>().unwrap();
    let row = |a, c: &str| Row { a, b: None, c: c.to_owned() };
    assert_eq!(rows, [row(1, "x"), row(2, "y")]);
    // A header alone has columns too.
    let Schema::List(row) = &*csv("a,b\n").schema else { panic!() };
    assert!(matches!(&**row, Schema::Record(record) if record.fields.len() == 2));
}

#[test]
fn trees_have_the_same_cells() {
    let text = "a;b;c\n1,5;yes;NA\n2;no;1\n";
    let tree = read_tree("in.csv", text.as_bytes(), &ReadOptions::default()).unwrap();
    assert_eq!(serde_json::to_string(&tree).unwrap(), r#"[{"a":1.5,"b":true,"c":null},{"a":2,"b":false,"c":1}]"#);
    assert!(refusal("in.csv", "a,b\n1,2\n3\n").contains("the row has 1 cell, the header 2"));
}
