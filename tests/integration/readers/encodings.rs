//! Text that is not UTF-8 is named, with the command that helps.

use super::refusal;

#[test]
fn windows_and_latin_1_are_guessed() {
    assert_eq!(
        refusal("in.csv", b"name,city\nAnn,Bern\nRen\xe9,Z\xfcrich\n"),
        "in.csv: line 3, column 4: $[1].name: byte 0xe9 is not UTF-8; the file looks like Windows-1252 or Latin-1; \
         convert it: iconv -f WINDOWS-1252 -t UTF-8 in.csv > in.utf8.csv"
    );
    assert_eq!(
        refusal("my data.json", b"{\"a\": [\"ok\", \"caf\xe9 au lait\"]}"),
        "my data.json: line 1, column 18: $.a[1]: byte 0xe9 is not UTF-8; the file looks like Windows-1252 or Latin-1; \
         convert it: iconv -f WINDOWS-1252 -t UTF-8 'my data.json' > 'my data.utf8.json'"
    );
    let header = refusal("in.csv", b"caf\xe9,b\n1,2\n");
    assert!(header.starts_with("in.csv: line 1, column 4: byte 0xe9 is not UTF-8"), "{header}");
}

#[test]
fn other_encodings_and_damage_are_told_apart() {
    let russian = refusal("in.csv", b"a,b\n1,\xcf\xf0\xe8\xe2\xe5\xf2\n");
    assert!(russian.contains("may be Windows-1251") && russian.contains("iconv -f ENCODING"), "{russian}");
    let damaged = refusal("in.ndjson", b"{\"a\": \"\xc3\xa9 \xc3\xbc \xc3\x9f\"}\n{\"a\": \"x\xffy\"}\n");
    assert!(damaged.starts_with("in.ndjson: line 2, column 9: $[1].a: byte 0xff is not UTF-8, though"), "{damaged}");
    let cut = refusal("in.csv", b"a,b\n1,\xc3");
    assert!(cut.contains("ends inside a character of UTF-8; the file is cut short"), "{cut}");
}

#[test]
fn utf_16_and_utf_32_are_known_by_their_first_bytes() {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    assert_eq!(
        refusal("in.csv", wide("\u{feff}a,b\n1,2\n")),
        "in.csv: line 1, column 1: the file is UTF-16, as its byte order mark says; convert it: iconv -f UTF-16 -t \
         UTF-8 in.csv > in.utf8.csv"
    );
    assert!(refusal("in.json", wide("{\"a\": 1}")).contains("the file is UTF-16LE, as the zeros between"));
    let wider: Vec<u8> = "\u{feff}[1]".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    assert!(refusal("in.json", wider).contains("the file is UTF-32"));
}
