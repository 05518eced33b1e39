//! Inputs of an operation, each with what the model says of it.

use backstay_aws_model::ShapeId;
use backstay_aws_model::check::ConstraintKind;
use backstay_aws_model::model::{Between, Kind, Model, Presence, Shape, Structure, Text};
use serde_json::{Map, Value, json};

/// An input.
pub(super) struct Input {
    pub(super) what: String,
    pub(super) value: Value,
    pub(super) says: Says,
}

/// What the model says of it.
#[derive(Clone, Debug)]
pub(super) enum Says {
    /// It is as the model has it.
    Fine,
    /// A value is of another type.
    Mistyped,
    /// It does not satisfy a constraint, in these words.
    Refused(ConstraintKind, String),
}

/// So deep inputs are made; shapes of AWS may hold themselves.
const DEEPEST: usize = 5;

/// Every input that is made for a shape.
pub(super) fn inputs(model: &Model, shape: ShapeId) -> Vec<Input> {
    let maker = Maker { model };
    let mut variants = vec![(String::new(), maker.valid(shape, 0), Says::Fine)];
    maker.variants(shape, 0, &mut |what, value, says| {
        variants.push((what, value, says));
    });
    variants
        .into_iter()
        .map(|(what, value, says)| Input { what, value, says })
        .collect()
}

type Told<'a> = dyn FnMut(String, Value, Says) + 'a;

struct Maker<'a> {
    model: &'a Model,
}

impl Maker<'_> {
    /// The least that is as a shape has it.
    fn valid(&self, id: ShapeId, depth: usize) -> Value {
        match &self.model.shape(id).kind {
            Kind::Structure(structure) => {
                let members = structure.members().iter();
                let needed = members.filter(|member| member.presence == Presence::Required);
                Value::Object(
                    needed
                        .filter(|_| depth < 2 * DEEPEST)
                        .map(|member| (member.name.clone(), self.valid(member.shape, depth + 1)))
                        .collect(),
                )
            }
            Kind::List(list) => {
                let count = list.length.least.unwrap_or(0).max(i64::from(depth == 0));
                Value::Array(
                    (0..count)
                        .map(|_| self.valid(list.item, depth + 1))
                        .collect(),
                )
            }
            Kind::Map(map) => {
                let count = map.length.least.unwrap_or(0);
                let keys = (0..count).map(|number| format!("k{number}"));
                Value::Object(
                    keys.map(|key| (key, self.valid(map.value, depth + 1)))
                        .collect(),
                )
            }
            Kind::Text(text) => json!(valid_text(text)),
            Kind::Whole(_, between) => json!(between.least.or(between.most).unwrap_or(1)),
            Kind::Real(between) => json!(between.least.or(between.most).unwrap_or(1.0)),
            Kind::Boolean => json!(false),
            Kind::Blob(_) => json!("YQ=="),
            Kind::Instant => json!(1_767_225_600),
            Kind::Document => json!({}),
        }
    }

    /// Everything that can be told of a shape, one at a time.
    fn variants(&self, id: ShapeId, depth: usize, told: &mut Told<'_>) {
        if depth > DEEPEST {
            return;
        }
        let shape = self.model.shape(id);
        mistyped(shape, told);
        match &shape.kind {
            Kind::Structure(structure) => self.structure(id, structure, depth, told),
            Kind::List(list) => {
                let item = || self.valid(list.item, depth + 1);
                let of = |count: i64| Value::Array((0..count).map(|_| item()).collect());
                counted(list.length, told, &of);
                let count = list.length.least.unwrap_or(1).max(1);
                self.variants(list.item, depth + 1, &mut |what, value, says| {
                    let mut items: Vec<Value> = (1..count).map(|_| item()).collect();
                    items.push(value);
                    told(format!("an item: {what}"), Value::Array(items), says);
                });
            }
            Kind::Map(map) => {
                let of = |count: i64| {
                    let keys = (0..count).map(|number| format!("k{number}"));
                    let entries = keys.map(|key| (key, self.valid(map.value, depth + 1)));
                    Value::Object(entries.collect())
                };
                counted(map.length, told, &of);
                self.variants(map.value, depth + 1, &mut |what, value, says| {
                    let Value::Object(mut entries) = of(map.length.least.unwrap_or(1) - 1) else {
                        return;
                    };
                    entries.insert("k".to_owned(), value);
                    told(format!("a value: {what}"), Value::Object(entries), says);
                });
            }
            Kind::Text(text) => texts(text, told),
            Kind::Whole(size, between) => {
                let fits = |(number, _): &(i64, Says)| size.holds(*number);
                for (number, says) in around(*between, 1).into_iter().filter(fits) {
                    told(format!("{number}"), json!(number), says);
                }
            }
            Kind::Real(between) => {
                for (number, says) in around(*between, 0.5) {
                    told(format!("{number}"), json!(number), says);
                }
            }
            Kind::Boolean => told("true".to_owned(), json!(true), Says::Fine),
            Kind::Blob(_) | Kind::Instant | Kind::Document => {}
        }
    }

    fn structure(&self, id: ShapeId, structure: &Structure, depth: usize, told: &mut Told<'_>) {
        let Value::Object(base) = self.valid(id, depth) else {
            return;
        };
        let with = |name: &str, value: Value| {
            let mut members: Map<String, Value> = base.clone();
            members.insert(name.to_owned(), value);
            Value::Object(members)
        };
        told(
            "a member that AWS does not know".to_owned(),
            with("NoSuchMember", json!({ "a": [1] })),
            Says::Fine,
        );
        for member in structure.members() {
            let name = &member.name;
            if member.presence == Presence::Required {
                let mut members = base.clone();
                members.remove(name);
                let says = Says::Refused(
                    ConstraintKind::Required,
                    "Member must not be null".to_owned(),
                );
                told(
                    format!("{name} is missing"),
                    Value::Object(members),
                    says.clone(),
                );
                told(format!("{name} is null"), with(name, Value::Null), says);
            } else {
                told(
                    format!("{name} is null"),
                    with(name, Value::Null),
                    Says::Fine,
                );
                let value = self.valid(member.shape, depth + 1);
                told(format!("with {name}"), with(name, value), Says::Fine);
            }
            self.variants(member.shape, depth + 1, &mut |what, value, says| {
                told(format!("{name}: {what}"), with(name, value), says);
            });
        }
    }
}

/// A value of every other type.
fn mistyped(shape: &Shape, told: &mut Told<'_>) {
    let others = [
        json!("x"),
        json!(1),
        json!(true),
        json!(["x"]),
        json!({ "x": "x" }),
    ];
    let fits = |value: &Value| {
        matches!(
            (&shape.kind, value),
            (Kind::Structure(_) | Kind::Map(_), Value::Object(_))
                | (Kind::List(_), Value::Array(_))
                | (
                    Kind::Text(_) | Kind::Blob(_) | Kind::Instant,
                    Value::String(_)
                )
                | (
                    Kind::Whole(..) | Kind::Real(_) | Kind::Instant,
                    Value::Number(_)
                )
                | (Kind::Boolean, Value::Bool(_))
                | (Kind::Document, _)
        )
    };
    for value in others.into_iter().filter(|value| !fits(value)) {
        told(format!("is {value}"), value, Says::Mistyped);
    }
}

fn counted(length: Between<i64>, told: &mut Told<'_>, of: &dyn Fn(i64) -> Value) {
    // Nobody makes lists of a million items.
    let length = Between {
        most: length.most.filter(|most| *most <= 1_000),
        ..length
    };
    for (count, says) in lengths(length) {
        told(format!("{count} items"), of(count), says);
    }
}

fn texts(text: &Text, told: &mut Told<'_>) {
    for value in &text.values {
        told(value.clone(), json!(value), Says::Fine);
    }
    if !text.values.is_empty() {
        let constraint = "Member must satisfy enum value set: [".to_owned();
        told(
            "no value of the enum".to_owned(),
            json!("NoSuchValue"),
            Says::Refused(ConstraintKind::Enum, constraint),
        );
        return;
    }
    let length = Between {
        most: text.length.most.filter(|most| *most <= 70_000),
        ..text.length
    };
    for (count, says) in lengths(length) {
        if let Some(value) = text_of(text, count) {
            told(format!("{count} letters"), json!(value), says);
        }
    }
    if let Some(pattern) = text.pattern() {
        let within = |value: &&str| {
            let size = value.len() as i64;
            text.length.least.is_none_or(|least| size >= least)
                && text.length.most.is_none_or(|most| size <= most)
        };
        let odd = [
            "\u{0}",
            "a b\u{0}",
            "\u{0}%!{}<>|\"",
            "%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%%",
        ];
        let odd = odd
            .iter()
            .filter(|value| !text.matches(value))
            .find(|value| within(value));
        if let Some(odd) = odd {
            told(
                "not as the pattern has it".to_owned(),
                json!(odd),
                Says::Refused(ConstraintKind::Pattern, pattern.replace("\\/", "/")),
            );
        }
    }
}

/// At, below and above both ends of a length.
fn lengths(length: Between<i64>) -> Vec<(i64, Says)> {
    let refused = |text: String| Says::Refused(ConstraintKind::Limit, format!("length {text}"));
    let mut all = Vec::new();
    if let Some(least) = length.least {
        all.push((least, Says::Fine));
        if length.most.is_none_or(|most| least < most) {
            all.push((least + 1, Says::Fine));
        }
        if least > 0 {
            all.push((
                least - 1,
                refused(format!("greater than or equal to {least}")),
            ));
        }
    }
    if let Some(most) = length.most {
        all.push((most, Says::Fine));
        all.push((most + 1, refused(format!("less than or equal to {most}"))));
        if most - 1 > length.least.unwrap_or(0) {
            all.push((most - 1, Says::Fine));
        }
    }
    all
}

/// At, below and above both ends of a range.
fn around<T>(between: Between<T>, step: T) -> Vec<(T, Says)>
where
    T: Copy
        + PartialOrd
        + std::fmt::Display
        + std::ops::Add<Output = T>
        + std::ops::Sub<Output = T>,
{
    let refused = |text: String| Says::Refused(ConstraintKind::Limit, format!("value {text}"));
    let mut all = Vec::new();
    if let Some(least) = between.least {
        all.push((least, Says::Fine));
        all.push((
            least - step,
            refused(format!("greater than or equal to {least}")),
        ));
        if between.most.is_none_or(|most| least + step <= most) {
            all.push((least + step, Says::Fine));
        }
    }
    if let Some(most) = between.most {
        all.push((most, Says::Fine));
        all.push((
            most + step,
            refused(format!("less than or equal to {most}")),
        ));
        if between.least.is_none_or(|least| most - step >= least) {
            all.push((most - step, Says::Fine));
        }
    }
    all
}

fn valid_text(text: &Text) -> String {
    if let Some(value) = text.values.first() {
        return value.clone();
    }
    let least = text.length.least.unwrap_or(1).max(1);
    let known = KNOWN.iter().filter(|value| text.matches(value));
    let known = known.map(|value| (*value).to_owned());
    text_of(text, least)
        .into_iter()
        .chain(known)
        .next()
        .unwrap_or_else(|| panic!("no text for {:?}", text.pattern()))
}

/// A text of so many letters that is as the pattern has it.
fn text_of(text: &Text, count: i64) -> Option<String> {
    let count = usize::try_from(count).ok()?;
    let fills = ["a", "1", "A", "x/", "*"];
    let mut made = fills
        .iter()
        .map(|fill| fill.repeat(count).chars().take(count).collect::<String>());
    made.find(|value| text.matches(value))
}

/// One text for each pattern that is not of one letter.
const KNOWN: [&str; 25] = [
    "arn:aws:backup:us-east-1:123456789012:recovery-point:a",
    "us-east-1a",
    "arn:aws:sqs:us-east-1:123456789012:a",
    "arn:aws:iam::123456789012:role/a",
    "arn:aws:kms:us-east-1:123456789012:key/a",
    "arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/a",
    "arn:aws:scheduler:us-east-1:123456789012:schedule-group/a",
    "ab",
    "$.a",
    "sha256:ab",
    "123456789012",
    "aws.partner/a/b",
    "arn:aws:s3:::bucket",
    "12345678-1234-1234-1234-123456789012",
    "ipv4pool-coip-a",
    "ipam-pool-a",
    "200",
    "HTTP",
    "a.b",
    "a/b",
    "24h",
    "us-east-1",
    "tag:a",
    "arn:aws:cloudfront::123456789012:function/a",
    "arn:aws:cloudfront::123456789012:key-value-store/12345678-1234-1234-1234-123456789012",
];
