//! The code tables of the roster: a cell may hold the code or the word.

use crate::platform::text::{half_width, tidy};
use std::collections::HashMap;
use std::sync::LazyLock;

const SEED_CODES: &str = include_str!("../../../seed/codes.csv");

struct Table {
    /// Code and word, in the order of the seed.
    rows: Vec<(String, String)>,
}

static TABLES: LazyLock<HashMap<String, Table>> = LazyLock::new(|| {
    let mut tables: HashMap<String, Table> = HashMap::new();
    for row in csv::Reader::from_reader(SEED_CODES.as_bytes()).records().flatten() {
        let table = tables.entry(row[0].to_owned()).or_insert_with(|| Table { rows: Vec::new() });
        table.rows.push((row[1].to_owned(), row[2].to_owned()));
    }
    tables
});

/// The code that a typed code or word stands for; `满` is taken for 满族.
pub fn code_of(table: &str, typed: &str) -> Option<&'static str> {
    let table = TABLES.get(table)?;
    let typed = tidy(&half_width(typed));
    let padded = format!("{typed:0>2}");
    table
        .rows
        .iter()
        .find(|(code, word)| *code == typed || *code == padded || word.split('（').next() == Some(&typed))
        .or_else(|| table.rows.iter().find(|(_, word)| word.strip_suffix('族') == Some(&typed)))
        .map(|(code, _)| code.as_str())
}

/// The word of a code.
pub fn word_of(table: &str, code: &str) -> Option<&'static str> {
    let table = TABLES.get(table)?;
    table.rows.iter().find(|(known, _)| known == code).map(|(_, word)| word.as_str())
}

/// The words for how someone is related to the child, for a picker.
pub fn relation_words() -> Vec<&'static str> {
    words_of_table("relation")
}

/// The words of a code table, in its order; none for a table that is not there.
pub fn words_of_table(table: &str) -> Vec<&'static str> {
    TABLES.get(table).map(|table| table.rows.iter().map(|(_, word)| word.as_str()).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_or_a_word_will_do() {
        assert_eq!(code_of("ethnic", "11"), Some("11"));
        assert_eq!(code_of("ethnic", "1"), Some("01"));
        assert_eq!(code_of("ethnic", "满族"), Some("11"));
        assert_eq!(code_of("ethnic", " 满 "), Some("11"));
        assert_eq!(code_of("ethnic", "火星族"), None);
        assert_eq!(code_of("relation", "外祖母"), Some("64"));
        assert_eq!(code_of("document", "其他"), Some("Z"));
        assert_eq!(word_of("ethnic", "38"), Some("锡伯族"));
        assert!(relation_words().contains(&"祖父"));
    }
}
