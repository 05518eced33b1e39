//! What is done to a good request: one part of it becomes something else.

use serde_json::{Value, json};

use super::Pool;
use super::script::Script;

/// Values that programs stumble over.
fn odd(script: &mut Script<'_>, pool: &Pool) -> Value {
    match script.below(26) {
        0 => Value::Null,
        1 => json!(0),
        2 => json!(-1),
        3 => json!(1),
        4 => json!(u64::MAX),
        5 => json!(i64::MIN),
        6 => json!(1e300),
        7 => json!(0.5),
        8 => json!(u32::MAX),
        9 => json!(""),
        10 => json!("é💥\u{0}"),
        11 => json!("a".repeat(5_000)),
        12 => json!([]),
        13 => json!({}),
        14 => json!([[[[[[]]]]]]),
        15 => json!(true),
        16 => json!("main"),
        17 => json!("web"),
        18 => json!("web:1"),
        19 => json!(":"),
        20 => json!("arn:aws:ecs:sa-east-1:123456789012:service/main/web"),
        21 => json!("18446744073709551616"),
        22 => json!("-1"),
        _ => json!(pool.one(script)),
    }
}

/// A JSON value with one part changed, removed, doubled or renamed.
pub(super) fn value(value: &mut Value, script: &mut Script<'_>, pool: &Pool) {
    let inside = script.chance(190);
    match value {
        Value::Object(members) if inside && !members.is_empty() => {
            let place = script.below(members.len());
            let Some(name) = members.keys().nth(place).cloned() else {
                return;
            };
            match script.below(8) {
                0 => {
                    members.remove(&name);
                }
                1 => {
                    let moved = members.remove(&name).unwrap_or_default();
                    members.insert(pool.one(script), moved);
                }
                _ => {
                    if let Some(inner) = members.get_mut(&name) {
                        self::value(inner, script, pool);
                    }
                }
            }
        }
        Value::Array(items) if inside && !items.is_empty() => {
            let place = script.below(items.len());
            match script.below(6) {
                0 => {
                    items.remove(place);
                }
                1 => {
                    let again = items[place].clone();
                    items.extend(std::iter::repeat_n(again, 1 + script.below(120)));
                }
                _ => self::value(&mut items[place], script, pool),
            }
        }
        Value::String(old) if inside => *old = text(old, script, pool),
        Value::Number(number) if inside => {
            let number = number.as_f64().unwrap_or_default();
            *value = match script.below(4) {
                0 => json!(number * 1_000_000.0),
                1 => json!((number as i64).wrapping_neg()),
                2 => json!((number as i64).saturating_add(1)),
                _ => json!((number as u64).saturating_mul(4_294_967_296)),
            };
        }
        _ => *value = odd(script, pool),
    }
}

/// A text with a piece of it lost, doubled, replaced or strange.
pub(super) fn text(old: &str, script: &mut Script<'_>, pool: &Pool) -> String {
    let letters: Vec<char> = old.chars().collect();
    let from = script.below(letters.len() + 1);
    let to = from + script.below(letters.len() - from + 1);
    let of = |letters: &[char]| letters.iter().collect::<String>();
    let (before, middle, after) = (
        of(&letters[..from]),
        of(&letters[from..to]),
        of(&letters[to..]),
    );
    match script.below(9) {
        0 => before,
        1 => after,
        2 => format!("{before}{after}"),
        3 => format!("{before}{middle}{middle}{after}"),
        4 => format!("{before}é{after}"),
        5 => format!(
            "{before}{}{after}",
            script.one(&[
                ":",
                "/",
                "\\",
                "\"",
                "%",
                "*",
                "-",
                "\u{0}",
                "&",
                "<",
                " ",
                "\n",
                "99999999999999999999"
            ])
        ),
        6 => format!("{before}{}{after}", pool.one(script)),
        7 => pool.one(script),
        _ => format!("{before}{}", char::from(script.byte())),
    }
}
