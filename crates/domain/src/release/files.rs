//! The files of a manifest: there may be many, and a plan, its release and its journal all hold the same ones.

use std::collections::{BTreeMap, btree_map};
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::ManifestFile;

/// Files by path, without a leading slash. Clones share them until one is changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files(Arc<BTreeMap<String, ManifestFile>>);

impl From<BTreeMap<String, ManifestFile>> for Files {
    fn from(files: BTreeMap<String, ManifestFile>) -> Self {
        Self(Arc::new(files))
    }
}

impl Deref for Files {
    type Target = BTreeMap<String, ManifestFile>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl DerefMut for Files {
    fn deref_mut(&mut self) -> &mut Self::Target {
        Arc::make_mut(&mut self.0)
    }
}

impl<'f> IntoIterator for &'f Files {
    type Item = (&'f String, &'f ManifestFile);
    type IntoIter = btree_map::Iter<'f, String, ManifestFile>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'f> IntoIterator for &'f mut Files {
    type Item = (&'f String, &'f mut ManifestFile);
    type IntoIter = btree_map::IterMut<'f, String, ManifestFile>;

    fn into_iter(self) -> Self::IntoIter {
        Arc::make_mut(&mut self.0).iter_mut()
    }
}

impl IntoIterator for Files {
    type Item = (String, ManifestFile);
    type IntoIter = btree_map::IntoIter<String, ManifestFile>;

    fn into_iter(self) -> Self::IntoIter {
        Arc::unwrap_or_clone(self.0).into_iter()
    }
}

impl Serialize for Files {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Files {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(Self::from)
    }
}
