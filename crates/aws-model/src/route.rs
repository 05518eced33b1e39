//! Where an operation of a REST service is asked for: a method and a path with labels.

/// Where an operation is asked for.
#[derive(Clone, Debug)]
pub struct Route {
    /// The operation.
    pub operation: String,
    method: String,
    /// Of the path, from its first to its last.
    segments: Vec<Segment>,
    /// Members that the query has to have, some with a value: `Operation=Tag`.
    query: Vec<(String, Option<String>)>,
    /// The status of its answer, where that is not 200.
    pub status: Option<u16>,
}

#[derive(Clone, Debug)]
enum Segment {
    Literal(String),
    /// Anything: a member of the input.
    Label(String),
}

impl Route {
    /// Reads `POST`, `/2020-05-31/function/{Name}/publish?WithTags`.
    pub(crate) fn new(operation: &str, method: &str, uri: &str, status: Option<u16>) -> Self {
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let segment = |text: &str| match text.strip_prefix('{') {
            Some(label) => Segment::Label(label.trim_end_matches(['}', '+']).to_owned()),
            None => Segment::Literal(text.to_owned()),
        };
        let member = |text: &str| match text.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (text.to_owned(), None),
        };
        let query = query.split('&').filter(|text| !text.is_empty());
        Self {
            operation: operation.to_owned(),
            method: method.to_owned(),
            segments: parts(path).map(segment).collect(),
            query: query.map(member).collect(),
            status,
        }
    }

    /// Whether a request comes here.
    pub(crate) fn is_for(&self, method: &str, path: &str, query: &[(String, String)]) -> bool {
        let parts: Vec<&str> = parts(path).collect();
        let fits = |(segment, part): (&Segment, &&str)| match segment {
            Segment::Literal(text) => text == part,
            Segment::Label(_) => true,
        };
        self.method == method
            && self.segments.len() == parts.len()
            && self.segments.iter().zip(&parts).all(fits)
            && self.query.iter().all(|(name, value)| {
                let mut found = query.iter().filter(|(its, _)| its == name);
                found.any(|(_, its)| value.as_ref().is_none_or(|value| value == its))
            })
    }

    /// How much it asks of a request: the more, the sooner it is tried.
    pub(crate) fn weight(&self) -> (usize, usize) {
        let literals = self.segments.iter();
        let literals = literals.filter(|segment| matches!(segment, Segment::Literal(_)));
        (self.query.len(), literals.count())
    }

    /// What a path says at the labels, as it is written there.
    pub fn labels<'a>(&'a self, path: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let both = self.segments.iter().zip(parts(path));
        both.filter_map(|(segment, part)| match segment {
            Segment::Label(name) => Some((name.as_str(), part)),
            Segment::Literal(_) => None,
        })
    }
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use crate::model;

    #[test]
    fn a_request_is_for_the_operation_that_asks_for_most() {
        let cloudfront = model("cloudfront").expect("a table");
        let routed = |method: &str, path: &str, query: &[(&str, &str)]| {
            let query: Vec<(String, String)> = query
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect();
            let route = cloudfront.routed(method, &format!("/2020-05-31/{path}"), &query);
            route.map_or("-", |route| route.operation.as_str())
        };
        for (method, path, query, expected) in [
            ("POST", "distribution", &[][..], "CreateDistribution"),
            (
                "POST",
                "distribution",
                &[("WithTags", "")],
                "CreateDistributionWithTags",
            ),
            (
                "POST",
                "tagging",
                &[("Resource", "a"), ("Operation", "Untag")],
                "UntagResource",
            ),
            ("GET", "distribution/A", &[], "GetDistribution"),
            (
                "GET",
                "distribution/A/invalidation/B",
                &[],
                "GetInvalidation",
            ),
            ("GET", "function/A/describe", &[], "DescribeFunction"),
            ("GET", "key-group", &[], "ListKeyGroups"),
            ("POST", "tagging", &[("Operation", "Else")], "-"),
            ("GET", "nothing", &[], "-"),
        ] {
            assert_eq!(routed(method, path, query), expected, "{method} {path}");
        }
        let route = cloudfront.routed("GET", "/2020-05-31/distribution/A/invalidation/B", &[]);
        let labels: Vec<_> = route
            .expect("a route")
            .labels("/2020-05-31/distribution/A/invalidation/B")
            .collect();
        assert_eq!(labels, [("DistributionId", "A"), ("Id", "B")]);
    }
}
