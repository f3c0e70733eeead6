use super::Schema;
pub fn schema_text(s: &Schema, _n: &str) -> String {
    format!("{s:?}\n")
}
pub fn schema_rust(s: &Schema) -> String {
    format!("{s:?}\n")
}
pub fn schema_json(s: &Schema) -> serde_json::Value {
    serde_json::to_value(s).unwrap()
}
pub fn parse_schema(_t: &str, _n: &str) -> anyhow::Result<Schema> {
    anyhow::bail!("not yet")
}
