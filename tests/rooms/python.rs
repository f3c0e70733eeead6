//! The modules of Python and what they import of each other.

use std::fs;
use std::path::{Path, PathBuf};

/// The modules of a folder and of the packages in it, by their full names.
pub(crate) fn python_modules(folder: &Path, package: &str, modules: &mut Vec<(String, String)>) {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let name = match stem {
            "__init__" => package.trim_end_matches('.').to_owned(),
            _ => format!("{package}{stem}"),
        };
        if path.join("__init__.py").exists() {
            python_modules(&path, &format!("{name}."), modules);
        } else if path.extension().is_some_and(|ending| ending == "py") {
            modules.push((name, fs::read_to_string(path).unwrap()));
        }
    }
}

/// The imports of a module from the others: a name that is imported from a package may be a module of it.
fn python_imports(name: &str, text: &str, modules: &[(String, String)]) -> Vec<String> {
    let is_module = |found: &String| modules.iter().any(|(known, _)| known == found);
    let mut found = Vec::new();
    for line in text.lines().map(str::trim_start) {
        let mut words = line.split(|c: char| c.is_whitespace() || c == ',' || c == '(').filter(|word| !word.is_empty());
        match words.next() {
            Some("import") => found.extend(words.next().map(str::to_owned)),
            Some("from") => {
                let Some(from) = words.next() else { continue };
                // A dot is the package of the module itself.
                let package = name.rsplit_once('.').map_or("", |(package, _)| package);
                let from = match from.strip_prefix('.') {
                    Some("") => package.to_owned(),
                    Some(module) => format!("{package}.{module}"),
                    None => from.to_owned(),
                };
                found.extend(words.skip(1).map(|word| format!("{from}.{word}")).filter(|word| is_module(word)));
                found.push(from);
            }
            _ => {}
        }
    }
    found.retain(is_module);
    found
}

/// The modules that import themselves by way of others.
pub(crate) fn circles(modules: &[(String, String)]) -> Vec<String> {
    let imports = |name: &String| -> Vec<String> {
        let text = modules.iter().find(|(known, _)| known == name).map_or("", |(_, text)| text);
        python_imports(name, text, modules)
    };
    let imports_itself = |name: &&String| {
        let mut found = imports(name);
        let mut at = 0;
        while at < found.len() {
            let new: Vec<String> = imports(&found[at]).into_iter().filter(|import| !found.contains(import)).collect();
            found.extend(new);
            at += 1;
        }
        found.contains(name)
    };
    let names = modules.iter().map(|(name, _)| name).filter(imports_itself);
    names.map(|name| format!("{name} imports itself")).collect()
}
