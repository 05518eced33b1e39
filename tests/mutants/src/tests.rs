//! Mutants written behind their switches, and whose code it is that the compiler complains of.

use std::collections::BTreeSet;

use crate::mutant::{Mutant, Place};
use crate::schema::{Owner, mutated, owner};
use crate::site::sites;

const TEXT: &str = "fn a(b: bool, c: u8) -> bool {
    match c { 1 => b, 2 if (b) => c > 3, _ => b && !b || c == 4 }
}
";

/// The piece of the only line that begins with `text`, changed.
fn mutant(number: u32, genre: &str, (line, text): (usize, &str), replacement: &str) -> Mutant {
    let column = TEXT.lines().nth(line - 1).unwrap().find(text).unwrap() + 1;
    let to: Place = (line, column + text.len());
    Mutant {
        number,
        name: format!("{genre} {text}"),
        package: "p".to_owned(),
        file: "f".to_owned(),
        from: (line, column),
        to,
        genre: genre.to_owned(),
        replacement: replacement.to_owned(),
        returns: "-> bool".to_owned(),
    }
}

/// The text with these mutants, without the marks.
fn written(mutants: &[Mutant]) -> String {
    let all: Vec<&Mutant> = mutants.iter().collect();
    let sites = sites(TEXT, &all).unwrap();
    let text = mutated(TEXT, &sites, &BTreeSet::new());
    syn::parse_file(&text).unwrap();
    let mut plain = String::new();
    for piece in text.split("/*") {
        plain.push_str(piece.split_once("*/").map_or(piece, |(_, code)| code));
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_mutant_stands_behind_its_switch() {
    let body = "match c { 1 => b, 2 if (b) => c > 3, _ => b && !b || c == 4 }";
    let rows = [
        (
            mutant(1, "FnValue", (2, body), "true"),
            "-> bool { if crate::mutant(1) { return true; } match",
        ),
        (
            mutant(2, "MatchArm", (2, "1 => b,"), ""),
            "1 if !crate::mutant(2) => b,",
        ),
        (
            mutant(4, "BinaryOperator", (2, "&&"), "||"),
            "({ let first_: bool = b; if first_ == crate::mutant(4) { first_ } else { !b } }) || c",
        ),
        (
            mutant(5, "BinaryOperator", (2, "||"), "&&"),
            "({ let first_: bool = b && !b; if first_ != crate::mutant(5) { first_ } else { c == 4 } })",
        ),
        (
            mutant(6, "UnaryOperator", (2, "!"), ""),
            "(if crate::mutant(6) { b } else { !b })",
        ),
        (
            mutant(3, "MatchArmGuard", (2, "(b)"), "false"),
            "2 if (if crate::mutant(3) { false } else { ((b)) }) => c",
        ),
    ];
    for (mutant, expected) in rows {
        let text = written(std::slice::from_ref(&mutant));
        assert!(text.contains(expected), "{}: {text}", mutant.name);
    }
}

#[test]
fn one_inside_another_is_in_both_of_its_copies() {
    let text = written(&[
        mutant(1, "UnaryOperator", (2, "!"), ""),
        mutant(2, "BinaryOperator", (2, "=="), "!="),
        mutant(3, "BinaryOperator", (2, "||"), "&&"),
    ]);
    let inner = "(if crate::mutant(2) { c != 4 } else { c == 4 })";
    assert!(text.contains(inner), "{text}");
    assert!(text.contains("else { (if crate::mutant(2)"), "{text}");
}

#[test]
fn a_complaint_belongs_to_the_innermost_piece_around_it() {
    let not = mutant(1, "UnaryOperator", (2, "!"), "");
    let sites = sites(TEXT, &[&not]).unwrap();
    let text = mutated(TEXT, &sites, &BTreeSet::new());
    let at = |piece: &str| {
        let start = text.find(piece).unwrap();
        start..start + 1
    };
    assert_eq!(owner(&text, &at("b }/*end*/")), Some(Owner::Mutant(1)));
    assert_eq!(owner(&text, &at("!b }")), Some(Owner::Site(1)));
    assert_eq!(owner(&text, &at("match")), None);
    let out = mutated(TEXT, &sites, &BTreeSet::from([1]));
    assert_eq!(out, TEXT);
}
