//! The sources of a generated program.

use crate::codec::{self, Codec};
use crate::payload::Schema;
use crate::payload::show::{RustFor, recursive_type, schema_rust_for, unordered_key};
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_128;

/// This library's own lock file: the versions that its rows are named after.
const LOCK: &str = include_str!(concat!(env!("OUT_DIR"), "/Cargo.lock"));

/// The sources that this library was built from, where they are still there.
const SOURCES: &str = env!("CARGO_MANIFEST_DIR");

/// A codec without derived code, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The codec with its compressor.
    pub codec: String,
    /// In words.
    pub reason: String,
}

/// A crate around the types of a payload.
#[derive(Clone, Debug)]
pub struct Package {
    /// The name of the crate and of its program.
    pub name: String,
    /// The files, by their paths in the crate.
    pub files: Vec<(String, String)>,
    /// The modules of types, by the names of their files.
    pub modules: Vec<(RustFor, String)>,
    /// The codecs that it is for, with their compressors.
    pub codecs: Vec<String>,
    /// Those that it cannot be for.
    pub refused: Vec<Refused>,
}

/// The form that types have for a codec, as a module and as a function of the library.
fn form_name(of: RustFor) -> &'static str {
    match of {
        RustFor::Named => "named",
        RustFor::Positional => "positional",
        RustFor::Compact => "compact",
        RustFor::Rkyv => "rkyv",
        RustFor::Borsh => "borsh",
        RustFor::Wincode => "wincode",
        RustFor::Bitcode => "bitcode",
    }
}

/// The codec of a name with a compressor.
fn codec_of(name: &str) -> &str {
    name.split_once('+').map_or(name, |(codec, _)| codec)
}

/// Why the types of a schema cannot have what a form asks of them: the type or path, and the reason.
fn refusal(schema: &Schema, of: RustFor) -> Option<String> {
    if let Some((path, key)) = unordered_key(schema) {
        return Some(format!(
            "{path} is a map whose keys are {key}, which have no order: no map of Rust's library takes them"
        ));
    }
    let recursive = || recursive_type(schema);
    match of {
        RustFor::Rkyv => recursive().map(|name| {
            format!("type {name} holds itself, and rkyv's derive then asks for bounds that depend on the type")
        }),
        RustFor::Wincode => {
            recursive().map(|name| format!("type {name} holds itself, which wincode's derive does not take"))
        }
        RustFor::Bitcode => {
            recursive().map(|name| format!("type {name} holds itself, which bitcode's derive does not take"))
        }
        _ => None,
    }
}

impl Package {
    /// The crate for messages of `schema` and these codecs, without the forms that are known not to compile, for their
    /// reasons.
    pub fn of(schema: &Schema, codecs: &[String], without: &[(RustFor, String)]) -> Self {
        let mut package = Package {
            name: String::new(),
            files: Vec::new(),
            modules: Vec::new(),
            codecs: Vec::new(),
            refused: Vec::new(),
        };
        let mut calls = String::new();
        let mut forms: Vec<RustFor> = Vec::new();
        let mut texts: Vec<(String, &'static str)> = Vec::new();
        for name in codecs {
            let Some(of) = codec::rust_for(codec_of(name)) else { continue };
            let known = without.iter().find(|(known, _)| *known == of).map(|(_, reason)| reason.clone());
            if let Some(reason) = known.or_else(|| refusal(schema, of)) {
                package.refused.push(Refused { codec: name.clone(), reason });
                continue;
            }
            package.codecs.push(name.clone());
            if forms.contains(&of) {
                continue;
            }
            forms.push(of);
            let text = schema_rust_for(schema, of);
            let module = match texts.iter().find(|(known, _)| *known == text) {
                Some((_, module)) => module,
                None => {
                    texts.push((text, form_name(of)));
                    form_name(of)
                }
            };
            package.modules.push((of, format!("src/{module}.rs")));
            calls += &format!("        types.{}::<{module}::Root>();\n", form_name(of));
        }
        let library = library_text(texts.iter().map(|(_, module)| *module), &calls);
        let types = texts.into_iter().map(|(text, module)| (format!("src/{module}.rs"), module_text(&text)));
        package.files.extend(types);
        package.files.push(("src/lib.rs".into(), library));
        package.files.push(("src/main.rs".into(), MAIN.into()));
        let manifest = manifest(&package.codecs, &forms);
        let all: Vec<&str> = package.files.iter().map(|(_, text)| &**text).chain([&*manifest, LOCK]).collect();
        package.name = format!("derived-{:032x}", xxh3_128(all.join("\0").as_bytes()));
        package.files.push(("Cargo.toml".into(), manifest.replacen("NAME", &package.name, 1)));
        if !LOCK.is_empty() {
            package.files.push(("Cargo.lock".into(), LOCK.into()));
        }
        package
    }
}

/// A module of types. Their names are those of the document, and not all of their derives are used.
fn module_text(types: &str) -> String {
    let imports = "#![allow(unused_imports, dead_code, non_camel_case_types, non_snake_case, clippy::all)]\n\n";
    format!("{imports}{types}")
}

/// The program is a library with a call of it, so that linking it anew, as layouts of the code want it, compiles next to nothing.
const MAIN: &str =
    "// Generated by sercost profile --derived.\n\nfn main() -> std::process::ExitCode {\n    derived::run()\n}\n";

fn library_text<'m>(modules: impl Iterator<Item = &'m str>, calls: &str) -> String {
    let modules: String = modules.map(|module| format!("mod {module};\n")).collect();
    format!(
        "// Generated by sercost profile --derived.\n\
         #![recursion_limit = \"1024\"]\n\n\
         {modules}\n\
         #[global_allocator]\n\
         static ALLOCATOR: sercost::CountingAllocator = sercost::CountingAllocator::new();\n\n\
         pub fn run() -> std::process::ExitCode {{\n    sercost::derived(|types| {{\n{calls}    }})\n}}\n"
    )
}

/// The manifest, in which NAME stands for the name.
fn manifest(codecs: &[String], forms: &[RustFor]) -> String {
    let mut features = vec!["generated"];
    features.extend(codecs.iter().filter_map(|name| feature_of(codec_of(name))));
    features.extend(codecs.iter().filter_map(|name| name.split_once('+')?.1.split(':').next()));
    features.sort_unstable();
    features.dedup();
    let features: Vec<String> = features.into_iter().map(|feature| format!("{feature:?}")).collect();
    let features = features.join(", ");
    let sercost = match sources() {
        Some(path) => format!("path = {:?}", path.display().to_string()),
        None => format!("version = \"={}\"", env!("CARGO_PKG_VERSION")),
    };
    let mut text = format!(
        "[package]\nname = \"NAME\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
         [lib]\nname = \"derived\"\n\n\
         [workspace]\n\n\
         [dependencies]\n\
         sercost = {{ {sercost}, default-features = false, features = [{features}] }}\n\
         serde = {{ version = \"1\", features = [\"derive\"] }}\n\
         serde_bytes = \"0.11\"\n"
    );
    for &of in forms.iter().filter(|of| of.is_crate()) {
        let name = form_name(of);
        let package = codec::find(name).map(Codec::info).map(|info| info.package).unwrap_or_default();
        let version = package.split_once(' ').map_or("*", |(_, version)| version);
        let derive = if of == RustFor::Rkyv { "" } else { ", features = [\"derive\"]" };
        text += &format!("{name} = {{ version = \"={version}\"{derive} }}\n");
    }
    text += "\n[profile.release]\nincremental = false\n";
    for name in UNMEASURED {
        text += &format!("\n[profile.release.package.{name}]\nopt-level = 1\n");
    }
    text
}

/// The dependencies of the library that take long to optimize, and of which nothing is measured. All else is built as cargo
/// builds a program in its release profile.
const UNMEASURED: [&str; 12] = [
    "aho-corasick",
    "hdrhistogram",
    "jiff",
    "jiter",
    "lexical-parse-float",
    "lexical-parse-integer",
    "num-bigint",
    "pluralizer",
    "regex",
    "regex-automata",
    "regex-syntax",
    "tempfile",
];

/// The feature of the library behind a codec.
fn feature_of(codec: &str) -> Option<&'static str> {
    match codec {
        "bitcode-derive" => Some("bitcode"),
        _ => codec::feature_of(codec),
    }
}

/// The directory of the library's sources, where they are those of this version.
fn sources() -> Option<PathBuf> {
    let path = Path::new(SOURCES);
    let manifest = std::fs::read_to_string(path.join("Cargo.toml")).ok()?;
    let version = format!("version = \"{}\"", env!("CARGO_PKG_VERSION"));
    let is_it =
        manifest.lines().any(|line| line == "name = \"sercost\"") && manifest.lines().any(|line| line == version);
    is_it.then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::{Field, RecordSchema};

    fn names(codecs: &[&str]) -> Vec<String> {
        codecs.iter().map(|&name| name.to_owned()).collect()
    }

    fn file<'a>(package: &'a Package, name: &str) -> &'a str {
        let found = package.files.iter().find(|(known, _)| known == name);
        found.map(|(_, text)| &**text).unwrap_or_else(|| panic!("no {name} in {:?}", package.modules))
    }

    #[test]
    fn a_crate_has_the_features_and_the_derives_of_its_codecs_alone() {
        let codecs = names(&["json", "json+zstd:9", "bincode-fixed", "rkyv", "bitcode-derive"]);
        let package = Package::of(&Schema::list(Schema::option(Schema::Bytes)), &codecs, &[]);
        let manifest = file(&package, "Cargo.toml");
        assert!(
            manifest.contains("features = [\"bincode\", \"bitcode\", \"generated\", \"json\", \"rkyv\", \"zstd\"]"),
            "{manifest}"
        );
        assert!(manifest.contains(&format!("name = {:?}", package.name)), "{manifest}");
        assert!(manifest.contains("\nrkyv = { version = \"=0.8") && !manifest.contains("\nborsh"), "{manifest}");
        assert!(
            manifest.contains("\nbitcode = { version = \"=0.6") && manifest.contains("[\"derive\"] }"),
            "{manifest}"
        );
        let main = file(&package, "src/lib.rs");
        // What serde's formats take is one module, and what rkyv takes has no serde_bytes.
        assert!(
            main.contains("types.compact::<named::Root>();") && main.contains("types.rkyv::<rkyv::Root>();"),
            "{main}"
        );
        assert!(file(&package, "src/rkyv.rs").contains("Vec<Option<Vec<u8>>>"));
        assert!(file(&package, "Cargo.lock").contains("name = \"serde\""));
        assert!(package.refused.is_empty());
        assert_ne!(package.name, Package::of(&Schema::list(Schema::Bytes), &codecs, &[]).name);
    }

    #[test]
    fn types_that_cannot_be_derived_say_which_and_why() {
        let field = |name, schema| Field::new(name, schema);
        let record = |name, fields| Schema::Record(RecordSchema::new(name, fields));
        let node = record("Node", vec![field("kids", Schema::list(record("Node", vec![field("kids", Schema::Unit)])))]);
        let package = Package::of(&node, &names(&["json", "borsh", "rkyv", "wincode", "bitcode-derive"]), &[]);
        assert_eq!(package.codecs, ["json", "borsh"]);
        let refused: Vec<&str> = package.refused.iter().map(|refused| &*refused.codec).collect();
        assert_eq!(refused, ["rkyv", "wincode", "bitcode-derive"]);
        assert!(package.refused.iter().all(|refused| refused.reason.starts_with("type Node holds itself")));

        let table = record("Table", vec![field("rates", Schema::map(Schema::F64, Schema::Bool))]);
        let package = Package::of(&table, &names(&["json", "rkyv"]), &[]);
        assert!(package.codecs.is_empty());
        let reason = "$.rates is a map whose keys are f64, which have no order: no map of Rust's library takes them";
        assert!(package.refused.iter().all(|refused| refused.reason == reason), "{:?}", package.refused);

        let without = [(RustFor::Borsh, "its types do not compile: error[E0277]".to_owned())];
        let package = Package::of(&Schema::list(Schema::I64), &names(&["json", "borsh"]), &without);
        assert_eq!(package.codecs, ["json"]);
        assert_eq!(package.refused[0].reason, without[0].1);
    }
}
