//! Rows of packages that `make test` installed.

use super::*;

/// The packages that `make test` installed for `python3`.
fn packages() -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/python-packages");
    path.join("complete").exists().then(|| path.to_str().unwrap().to_owned())
}

#[test]
fn rows_of_packages_give_back_what_was_sent() {
    let Some(packages) = packages() else {
        println!("no packages below target/tools (make test installs them): their rows are not tested");
        return;
    };
    let names: Vec<String> = PYTHON_ROWS
        .iter()
        .filter(|row| row.package.is_some_and(|package| Path::new(&packages).join(package).exists()))
        .map(|row| format!("python:{}", row.name))
        .collect();
    assert!(names.len() > 4, "{names:?}");
    let found = profile_with(
        &format!("range:3k floats:2k records:30 range:1 --codec {}", names.join(",")),
        &[("PYTHONPATH", &packages)],
    );
    let mut refused = 0;
    for row in rows_with(&found, &[("stage", "total")]) {
        if let Some(error) = row["error"].as_str() {
            assert!(error.starts_with("takes lists of numbers"), "{row}");
            refused += 1;
            continue;
        }
        assert_eq!(row["lossy"], json!([]), "{row}");
        let version = row["codec_version"].as_str().unwrap();
        let package = PYTHON_ROWS.iter().find(|known| row["codec"] == format!("python:{}", known.name));
        assert!(version.starts_with(&format!("{} ", package.unwrap().package.unwrap())), "{version}");
        assert!(version.contains(", CPython 3."), "{version}");
    }
    let of_numpy = names.iter().filter(|name| name.contains("numpy")).count();
    assert_eq!(refused, of_numpy, "records are no array");
    if of_numpy > 0 {
        // The array is sent out of band as it lies, with a pickle that describes it.
        let bytes = |codec: &str| total(&found, "range:3k", codec)["bytes"].as_u64().unwrap();
        assert!((24_000..24_300).contains(&bytes("python:numpy-oob")), "{}", bytes("python:numpy-oob"));
        assert!((24_000..24_300).contains(&bytes("python:numpy-pickle")), "{}", bytes("python:numpy-pickle"));
        // And one by one the elements are not arrays.
        let found = profile_with("range:9 --many 9 --codec json,python:numpy-oob", &[("PYTHONPATH", &packages)]);
        assert!(failed(&found)[0].1.starts_with("takes lists of numbers"), "{:?}", failed(&found));
        // An array that is the payload stays what it is, floats of 32 bits too.
        let directory = Directory::new();
        let file = directory.join("array.pkl").to_str().unwrap().to_owned();
        let make = "import numpy, pickle, sys\npickle.dump(numpy.arange(1000, dtype='f4'), open(sys.argv[1], 'wb'), 5)";
        let made = Command::new(python3()).args(["-c", make, &file]).env("PYTHONPATH", &packages).status().unwrap();
        assert!(made.success());
        let codecs = "bincode,python:pickle5,python:numpy-pickle,python:numpy-oob";
        let found = profile_with(&format!("{file} --codec {codecs}"), &[("PYTHONPATH", &packages)]);
        assert_eq!(failed(&found), []);
        for codec in codecs.split(',') {
            let row = total(&found, &file, codec);
            assert!((4_000..4_300).contains(&row["bytes"].as_u64().unwrap()), "{row}");
            assert_eq!(row["lossy"], json!([]), "{row}");
        }
    }
}
