//! A lifecycle policy and which images it marks. Pure ([DOC], "Lifecycle policy evaluation rules").

use serde::{Deserialize, Serialize};

use crate::base::not_implemented;
use crate::services::ecr::find::invalid;
use crate::services::ecr::image::{Image, Storage};
use crate::services::ecr::mutability::wildcard;
use crate::{ApiError, Millis};

const DAY_MS: Millis = 86_400_000;

/// The document, in the order of rulePriority.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Rule {
    rule_priority: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    selection: Selection,
    action: Action,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Selection {
    tag_status: TagStatus,
    #[serde(default)]
    tag_prefix_list: Vec<String>,
    #[serde(default)]
    tag_pattern_list: Vec<String>,
    #[serde(default)]
    storage_class: StorageClass,
    count_type: CountType,
    #[serde(default)]
    count_unit: Option<CountUnit>,
    count_number: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum TagStatus {
    Tagged,
    Untagged,
    Any,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum StorageClass {
    #[default]
    Standard,
    Archive,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum CountType {
    ImageCountMoreThan,
    SinceImagePushed,
    SinceImagePulled,
    SinceImageTransitioned,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum CountUnit {
    Days,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Action {
    #[serde(rename = "type")]
    kind: ActionKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target_storage_class: Option<StorageClass>,
}

/// What happens to a marked image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ActionKind {
    Expire,
    Transition,
}

/// An image that a rule applies to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Marked {
    pub(super) digest: String,
    pub(super) priority: u32,
    pub(super) action: ActionKind,
}

impl Policy {
    /// Reads the text and refuses what AWS refuses.
    pub(super) fn parse(text: &str) -> Result<Self, ApiError> {
        let refused = |why: &str| {
            invalid(format!(
                "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation \
                 failure: {why}'"
            ))
        };
        let mut policy: Self =
            serde_json::from_str(text).map_err(|error| refused(&error.to_string()))?;
        policy.rules.sort_by_key(|rule| rule.rule_priority);
        let twice = |pair: &[Rule]| match pair {
            [one, other] => one.rule_priority == other.rule_priority,
            _ => false,
        };
        if policy.rules.windows(2).any(twice) {
            return Err(refused("rulePriority must be unique"));
        }
        for (place, rule) in policy.rules.iter().enumerate() {
            let is_last = place + 1 == policy.rules.len();
            if let Some(why) = rule.flaw(is_last) {
                return Err(refused(why));
            }
            if rule.selection.count_type == CountType::SinceImagePulled {
                return Err(not_implemented("sinceImagePulled: pulls are not recorded"));
            }
        }
        Ok(policy)
    }

    /// All rules look at all images; an image that a rule's tags select is out of reach of later rules.
    pub(super) fn marks(&self, images: &[Image], now_ms: Millis) -> Vec<Marked> {
        let mut marked: Vec<Marked> = Vec::new();
        let mut taken: Vec<&str> = Vec::new();
        for rule in &self.rules {
            let selected = rule.selection.selected(images, now_ms);
            let due = rule.selection.due(&selected, now_ms);
            let free = due
                .iter()
                .filter(|image| !taken.contains(&image.digest.as_str()));
            marked.extend(free.map(|image| Marked {
                digest: image.digest.clone(),
                priority: rule.rule_priority,
                action: rule.action.kind,
            }));
            taken.extend(selected.iter().map(|image| image.digest.as_str()));
        }
        marked
    }
}

impl Rule {
    fn flaw(&self, is_last: bool) -> Option<&'static str> {
        let selection = &self.selection;
        let lists = !selection.tag_prefix_list.is_empty() || !selection.tag_pattern_list.is_empty();
        let both = !selection.tag_prefix_list.is_empty() && !selection.tag_pattern_list.is_empty();
        let counts = selection.count_type == CountType::ImageCountMoreThan;
        match selection.tag_status {
            TagStatus::Tagged if !lists => {
                return Some("tagPrefixList or tagPatternList is required for tagStatus 'tagged'");
            }
            TagStatus::Untagged | TagStatus::Any if lists => {
                return Some("tagPrefixList and tagPatternList need tagStatus 'tagged'");
            }
            TagStatus::Any if !is_last => {
                return Some("the rule with tagStatus 'any' must have the highest rulePriority");
            }
            TagStatus::Tagged | TagStatus::Untagged | TagStatus::Any => {}
        }
        if both {
            return Some("tagPrefixList and tagPatternList are exclusive");
        }
        if self.rule_priority == 0 || selection.count_number == 0 {
            return Some("rulePriority and countNumber start at 1");
        }
        if counts == selection.count_unit.is_some() {
            return Some("countUnit goes with every countType but imageCountMoreThan");
        }
        let moves = self.action.kind == ActionKind::Transition;
        if moves != (self.action.target_storage_class == Some(StorageClass::Archive)) {
            return Some("targetStorageClass 'archive' goes with the action 'transition'");
        }
        None
    }
}

impl Selection {
    /// By tags and storage class, newest first.
    fn selected<'a>(&self, images: &'a [Image], now_ms: Millis) -> Vec<&'a Image> {
        let status = match self.storage_class {
            StorageClass::Standard => "ACTIVE",
            StorageClass::Archive => "ARCHIVED",
        };
        let mut selected: Vec<&Image> = images
            .iter()
            .filter(|image| image.status(now_ms) == status && self.tags_match(image))
            .collect();
        selected.sort_by_key(|image| std::cmp::Reverse(image.pushed_at_ms));
        selected
    }

    /// "If you specify multiple tags, only the images with all specified tags are selected" [DOC].
    fn tags_match(&self, image: &Image) -> bool {
        let starts = |prefix: &String| {
            image
                .tags
                .iter()
                .any(|tag| tag.starts_with(prefix.as_str()))
        };
        let fits = |pattern: &String| image.tags.iter().any(|tag| wildcard(pattern, tag));
        match self.tag_status {
            TagStatus::Any => true,
            TagStatus::Untagged => image.tags.is_empty(),
            TagStatus::Tagged => {
                self.tag_prefix_list.iter().all(starts) && self.tag_pattern_list.iter().all(fits)
            }
        }
    }

    fn due<'a>(&self, selected: &[&'a Image], now_ms: Millis) -> Vec<&'a Image> {
        let age_ms = self.count_number.saturating_mul(DAY_MS);
        let older = |since_ms: Millis| since_ms.saturating_add(age_ms) <= now_ms;
        let is_due = |image: &Image| match self.count_type {
            CountType::ImageCountMoreThan | CountType::SinceImagePulled => false,
            CountType::SinceImagePushed => older(image.pushed_at_ms),
            CountType::SinceImageTransitioned => match image.storage {
                Storage::Archived { at_ms } => older(at_ms),
                Storage::Active | Storage::Activating { .. } => false,
            },
        };
        let spared = usize::try_from(self.count_number).unwrap_or(usize::MAX);
        match self.count_type {
            CountType::ImageCountMoreThan => selected.iter().skip(spared).copied().collect(),
            CountType::SinceImagePushed
            | CountType::SinceImagePulled
            | CountType::SinceImageTransitioned => selected
                .iter()
                .copied()
                .filter(|image| is_due(image))
                .collect(),
        }
    }
}
