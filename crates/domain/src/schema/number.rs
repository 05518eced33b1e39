//! Revisions that are numbers: some tools print the zeros before them, some do not.

use super::Revision;

impl Revision {
    /// Whether both name the same revision: numbers are the same with zeros before them and without.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let number = |revision: &Self| -> Option<Vec<String>> {
            let parts = revision.name()?.split('.').map(|part| {
                let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
                digits.then(|| part.trim_start_matches('0').to_owned())
            });
            parts.collect()
        };
        let numbers = || number(self).is_some_and(|one| Some(one) == number(other));
        self == other || numbers()
    }
}

#[cfg(test)]
mod tests {
    use super::Revision;

    #[test]
    fn numbers_are_the_same_whatever_stands_before_them() {
        let same = |one: &str, other: &str| Revision::new(one).is_same(&Revision::new(other));
        assert!(same("000012", "12") && same("1.02", "01.2") && same("9c1", "9c1"));
        assert!(!same("0012", "120") && !same("09c1", "9c1") && !same("1.0", "1"));
        assert!(!same("0", "") && !same("", "0"));
    }
}
