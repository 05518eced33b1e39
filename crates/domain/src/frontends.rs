//! The frontends of one app by their names, and how releases, plans and journals write them. An app that has the one frontend
//! `frontend` is written as it was before there could be others (ADR 45): what was recorded is read, and its addresses stay.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::FrontendName;

/// A static frontend: immutable assets, and a few mutable files (`index.html`) that point at them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frontend {
    /// The build's directory, relative to the configuration.
    pub directory: String,
    /// The bucket it is published to.
    pub bucket: String,
    /// Key prefix inside the bucket: empty, or ending in `/`.
    pub prefix: String,
    /// The CDN distribution in front of it.
    pub distribution: Option<String>,
    /// Where visitors fetch it, without a final slash.
    pub url: Option<String>,
    /// Patterns of the files that change between releases (see `pattern`); everything else is immutable.
    pub mutable: Vec<String>,
    /// The bucket's region, where it is said; otherwise the bucket is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Media types by pattern, where the usual one is not meant. The longest pattern that fits decides.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub media_types: BTreeMap<String, String>,
}

/// What belongs to the one frontend of an app that names none.
#[must_use]
pub fn alone<T>(of: T) -> BTreeMap<FrontendName, T> {
    BTreeMap::from([(FrontendName::default(), of)])
}

/// The one that is called `frontend`, where there is no other.
#[must_use]
pub fn single<T>(all: &BTreeMap<FrontendName, T>) -> Option<&T> {
    let mut each = all.iter();
    let first = each.next().filter(|(name, _)| name.is_usual());
    first.filter(|_| each.next().is_none()).map(|(_, of)| of)
}

/// All of them, where they are not what there could be before: none, or the one that is called `frontend`.
#[must_use]
pub fn several<T>(all: &BTreeMap<FrontendName, T>) -> Option<&BTreeMap<FrontendName, T>> {
    (!all.is_empty() && single(all).is_none()).then_some(all)
}

/// A field of frontends by name: `"frontend": …` where there is none or the one of that name, `"frontends": { … }` otherwise.
/// To be flattened.
pub(crate) mod written {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{several, single};
    use crate::FrontendName;

    #[derive(Serialize)]
    struct One<'f, T> {
        frontend: Option<&'f T>,
    }

    #[derive(Serialize)]
    struct Several<'f, T> {
        frontends: &'f BTreeMap<FrontendName, T>,
    }

    #[derive(Deserialize)]
    #[serde(bound(deserialize = "T: Deserialize<'de>"))]
    struct Either<T> {
        #[serde(default = "nothing")]
        frontend: Option<T>,
        #[serde(default = "BTreeMap::new")]
        frontends: BTreeMap<FrontendName, T>,
    }

    fn nothing<T>() -> Option<T> {
        None
    }

    /// Writes them.
    ///
    /// # Errors
    /// As the serializer does.
    pub(crate) fn serialize<T: Serialize, S: Serializer>(
        all: &BTreeMap<FrontendName, T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match several(all) {
            Some(frontends) => Several { frontends }.serialize(serializer),
            None => {
                let frontend = single(all);
                One { frontend }.serialize(serializer)
            }
        }
    }

    /// Reads them in either form.
    ///
    /// # Errors
    /// When what is there is no frontend.
    pub(crate) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<FrontendName, T>, D::Error> {
        let Either {
            frontend,
            mut frontends,
        } = Either::<T>::deserialize(deserializer)?;
        frontends.extend(frontend.map(|of| (FrontendName::default(), of)));
        Ok(frontends)
    }
}

/// A frontend among other components: `"frontend"` is the one of that name, `{ "frontend": "admin" }` another.
pub(crate) mod component {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::FrontendName;

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Usual {
        Frontend,
    }

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Named {
        Frontend(FrontendName),
    }

    #[derive(Serialize, Deserialize)]
    #[serde(untagged)]
    enum Either {
        Usual(Usual),
        Named(Named),
    }

    /// Writes its name.
    ///
    /// # Errors
    /// As the serializer does.
    pub(crate) fn serialize<S: Serializer>(
        name: &FrontendName,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match name.is_usual() {
            true => Either::Usual(Usual::Frontend),
            false => Either::Named(Named::Frontend(name.clone())),
        }
        .serialize(serializer)
    }

    /// Reads it in either form.
    ///
    /// # Errors
    /// When it is no frontend.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<FrontendName, D::Error> {
        Ok(match Either::deserialize(deserializer)? {
            Either::Usual(Usual::Frontend) => FrontendName::default(),
            Either::Named(Named::Frontend(name)) => name,
        })
    }
}
