//! A user's request as its receiver sees it: a load balancer, an edge, an origin.

/// One HTTP request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Visit {
    pub(crate) method: String,
    /// `http` or `https`.
    pub(crate) scheme: String,
    pub(crate) host: String,
    /// The load balancer whose own address it was sent to, whatever host it names.
    pub(crate) balancer: Option<String>,
    pub(crate) port: u16,
    pub(crate) path: String,
    /// Without its question mark; may be empty.
    pub(crate) query: String,
    /// Names and values.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) source_ip: std::net::IpAddr,
}

impl Visit {
    /// A GET over HTTPS.
    pub(crate) fn get(host: &str, path: &str) -> Self {
        Self {
            method: "GET".to_owned(),
            scheme: "https".to_owned(),
            host: host.to_owned(),
            balancer: None,
            port: 443,
            path: path.to_owned(),
            query: String::new(),
            headers: Vec::new(),
            source_ip: std::net::Ipv4Addr::new(203, 0, 113, 7).into(),
        }
    }

    /// Host, path and query.
    pub(crate) fn line(&self) -> String {
        format!("{}{}?{}", self.host, self.path, self.query)
    }

    /// The values of a header, whatever the case of its name.
    pub(crate) fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = move |(known, _): &&(String, String)| known.eq_ignore_ascii_case(name);
        self.headers
            .iter()
            .filter(named)
            .map(|(_, value)| value.as_str())
    }

    /// The value of a cookie.
    pub(crate) fn cookie<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        self.header("cookie")
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .find_map(|(known, value)| (known == name).then_some(value))
    }
}
