//! A service as AWS models it: its operations, and the shapes of what they take and give.

use std::collections::BTreeMap;

use crate::pattern::Pattern;
use crate::route::Route;

/// Everything known of a service.
#[derive(Debug, Default)]
pub struct Model {
    pub(crate) operations: BTreeMap<String, Option<Operation>>,
    pub(crate) shapes: Vec<Shape>,
    /// Of a REST service; those that ask for most come first.
    pub(crate) routes: Vec<Route>,
}

/// One of AWS's operations that is served here.
#[derive(Clone, Debug)]
pub struct Operation {
    /// What it takes; none takes nothing.
    pub input: Option<ShapeId>,
    /// What it gives.
    pub output: Option<ShapeId>,
}

/// What is known of an operation's name.
#[derive(Clone, Copy, Debug)]
pub enum Known<'a> {
    /// AWS has it, and it is served here.
    Served(&'a Operation),
    /// AWS has it.
    NotServed,
    /// AWS has no such operation.
    Unknown,
}

/// A shape of a [`Model`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShapeId(pub(crate) usize);

/// What a value must be.
#[derive(Debug)]
pub struct Shape {
    /// As AWS names it.
    pub name: String,
    /// Its type, with what is asked of such a value.
    pub kind: Kind,
    /// Whether AWS tells it to nobody, not even whoever sent it.
    pub secrecy: Secrecy,
}

/// Whether a value may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrecy {
    /// It may.
    Open,
    /// The trait `sensitive`.
    Sensitive,
}

/// A type, and what is asked of a value of it.
#[derive(Debug)]
pub enum Kind {
    /// Members by name.
    Structure(Structure),
    /// Items of one shape.
    List(List),
    /// Values by key.
    Map(MapOf),
    /// A string.
    Text(Text),
    /// A whole number, of a size.
    Whole(Size, Between<i64>),
    /// A number with a fraction.
    Real(Between<f64>),
    /// True or false.
    Boolean,
    /// Bytes, of a length.
    Blob(Between<i64>),
    /// A moment.
    Instant,
    /// Any JSON.
    Document,
}

/// What the members of a structure are.
#[derive(Debug, Default)]
pub struct Structure {
    /// In the order of their names.
    pub(crate) members: Vec<Member>,
    /// The places of the members in AWS's order.
    pub(crate) order: Vec<usize>,
    /// The member that is all of a body.
    pub payload: Option<String>,
}

/// A member of a structure.
#[derive(Debug)]
pub struct Member {
    /// As AWS names it.
    pub name: String,
    /// Its name on the wire, where it has another one.
    pub location_name: Option<String>,
    /// Where a REST service has it.
    pub location: Location,
    /// How XML has it, if it is a list or a map.
    pub layout: Layout,
    /// What it is.
    pub shape: ShapeId,
    /// Whether it must be there.
    pub presence: Presence,
}

/// Where a REST service has a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    /// In the body.
    Body,
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
    /// In the headers that begin with its name.
    Headers,
    /// As an attribute of an XML element.
    Attribute,
}

/// How XML has a list or a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// In an element of its own.
    Wrapped,
    /// Its items stand where it would.
    Flattened,
}

/// Whether a member must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It must.
    Required,
    /// It may be left out.
    Optional,
}

/// What a list's items are.
#[derive(Debug)]
pub struct List {
    /// Each of them.
    pub item: ShapeId,
    /// As the query protocol and XML name each of them: `member`, unless it is said otherwise.
    pub item_name: String,
    /// How many there may be.
    pub length: Between<i64>,
}

/// What a map's keys and values are.
#[derive(Debug)]
pub struct MapOf {
    /// Each key.
    pub key: ShapeId,
    /// As the query protocol and XML name a key.
    pub key_name: String,
    /// Each value.
    pub value: ShapeId,
    /// As the query protocol and XML name a value.
    pub value_name: String,
    /// How many there may be.
    pub length: Between<i64>,
}

/// What is asked of a string.
#[derive(Debug, Default)]
pub struct Text {
    /// Of its length.
    pub length: Between<i64>,
    /// What all of it must match.
    pub(crate) pattern: Option<Pattern>,
    /// What it may be; anything where there are none.
    pub values: Vec<String>,
}

/// How large a whole number may be at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// 32 bits.
    Integer,
    /// 64 bits.
    Long,
}

impl Size {
    /// Whether a number fits.
    #[must_use]
    pub fn holds(self, whole: i64) -> bool {
        match self {
            Self::Integer => i32::try_from(whole).is_ok(),
            Self::Long => true,
        }
    }

    pub(crate) fn java(self) -> &'static str {
        match self {
            Self::Integer => "Integer",
            Self::Long => "Long",
        }
    }
}

/// The least and the most, where there are such.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Between<T> {
    /// Not less than this.
    pub least: Option<T>,
    /// Not more than this.
    pub most: Option<T>,
}

impl<T> Default for Between<T> {
    fn default() -> Self {
        Self {
            least: None,
            most: None,
        }
    }
}

impl Model {
    /// What is known of an operation's name.
    #[must_use]
    pub fn operation(&self, name: &str) -> Known<'_> {
        match self.operations.get(name) {
            Some(Some(operation)) => Known::Served(operation),
            Some(None) => Known::NotServed,
            None => Known::Unknown,
        }
    }

    /// The operations that are served here.
    pub fn served(&self) -> impl Iterator<Item = (&str, &Operation)> {
        let rows = self.operations.iter();
        rows.filter_map(|(name, operation)| Some((name.as_str(), operation.as_ref()?)))
    }

    /// Every operation that AWS has, by name.
    pub fn operations(&self) -> impl Iterator<Item = &str> {
        self.operations.keys().map(String::as_str)
    }

    /// The operation that a request to a REST service is for; its path and its query, decoded.
    #[must_use]
    pub fn routed(&self, method: &str, path: &str, query: &[(String, String)]) -> Option<&Route> {
        let mut routes = self.routes.iter();
        routes.find(|route| route.is_for(method, path, query))
    }

    /// Where an operation of a REST service is asked for.
    #[must_use]
    pub fn route(&self, operation: &str) -> Option<&Route> {
        let mut routes = self.routes.iter();
        routes.find(|route| route.operation == operation)
    }

    /// What a value of this shape must be.
    #[must_use]
    pub fn shape(&self, id: ShapeId) -> &Shape {
        &self.shapes[id.0]
    }

    /// Which shape has this name.
    #[must_use]
    pub fn shape_id(&self, name: &str) -> Option<ShapeId> {
        let found = self.shapes.iter().position(|shape| shape.name == name);
        found.map(ShapeId)
    }

    /// The shape of this name.
    #[must_use]
    pub fn shape_named(&self, name: &str) -> Option<&Shape> {
        self.shapes.iter().find(|shape| shape.name == name)
    }

    /// The patterns that cannot be read here, and so are not checked.
    pub fn unread_patterns(&self) -> impl Iterator<Item = &str> {
        let texts = self.shapes.iter().filter_map(|shape| match &shape.kind {
            Kind::Text(text) => text.pattern.as_ref(),
            _ => None,
        });
        texts
            .filter(|pattern| !pattern.is_read())
            .map(Pattern::text)
    }
}

impl Structure {
    /// The member of this name.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Member> {
        let found = self
            .members
            .binary_search_by(|member| member.name.as_str().cmp(name));
        found.ok().and_then(|at| self.members.get(at))
    }

    /// All of them, in the order of their names.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// All of them, in AWS's order.
    pub fn in_order(&self) -> impl Iterator<Item = &Member> {
        let order = self.order.iter();
        order.filter_map(|place| self.members.get(*place))
    }
}

impl Member {
    /// Its name on the wire.
    #[must_use]
    pub fn wire_name(&self) -> &str {
        self.location_name.as_ref().unwrap_or(&self.name)
    }
}

impl Text {
    /// What all of it must match, as AWS writes it.
    #[must_use]
    pub fn pattern(&self) -> Option<&str> {
        self.pattern.as_ref().map(Pattern::text)
    }

    /// Whether a text is as the pattern has it; one that cannot be read asks for nothing.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.pattern
            .as_ref()
            .is_none_or(|pattern| pattern.matches(text))
    }
}
