//! DescribeAlarmHistory: what happened to alarms, also to those that are gone.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::find::Input;
use super::state::Alarm;
use crate::base::here::Here;
use crate::services::cloudwatch::CloudWatch;
use crate::wire::{Moment, Whole, instant, page};
use crate::{ApiError, Millis};

/// Items that are kept; AWS keeps 30 days [MODEL].
const KEPT: usize = 5_000;
const KEPT_MS: Millis = 30 * 86_400_000;
/// Characters of HistorySummary and HistoryData [MODEL].
const SUMMARY: usize = 255;
const DATA: usize = 4_095;

/// One thing that happened to one alarm.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct HistoryItem {
    alarm: String,
    alarm_kind: String,
    at_ms: Millis,
    kind: ItemKind,
    summary: String,
    data: String,
}

/// HistoryItemType.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum ItemKind {
    ConfigurationUpdate,
    StateUpdate,
    Action,
}

impl ItemKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::ConfigurationUpdate => "ConfigurationUpdate",
            Self::StateUpdate => "StateUpdate",
            Self::Action => "Action",
        }
    }
}

/// Writes something down about an alarm that is there.
pub(super) fn add(
    here: &mut Here<'_, CloudWatch>,
    name: &str,
    kind: ItemKind,
    summary: String,
    data: &Value,
) {
    let now_ms = here.now_ms;
    let Some(alarm_kind) = here.own.alarms.get(name).map(Alarm::kind) else {
        return;
    };
    let history = &mut here.own.history;
    history.push_back(HistoryItem {
        alarm: name.to_owned(),
        alarm_kind: alarm_kind.to_owned(),
        at_ms: now_ms,
        kind,
        summary: kept(&summary, SUMMARY),
        data: kept(&data.to_string(), DATA),
    });
    let old = |item: &HistoryItem| item.at_ms.saturating_add(KEPT_MS) < now_ms;
    while history.len() > KEPT || history.front().is_some_and(old) {
        history.pop_front();
    }
}

/// Says of the last action with these data what has become of it.
pub(super) fn correct(
    own: &mut CloudWatch,
    alarm: &str,
    known: &Value,
    (summary, data): (String, &Value),
) {
    let known = kept(&known.to_string(), DATA);
    let is_it = |item: &&mut HistoryItem| {
        item.kind == ItemKind::Action && item.alarm == alarm && item.data == known
    };
    if let Some(item) = own.history.iter_mut().rev().find(is_it) {
        item.summary = kept(&summary, SUMMARY);
        item.data = kept(&data.to_string(), DATA);
    }
}

fn kept(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

/// An alarm was created, updated or is about to be deleted.
pub(super) fn configured(here: &mut Here<'_, CloudWatch>, name: &str, what: &str) {
    let kind = match what {
        "created" => "Create",
        "deleted" => "Delete",
        _ => "Update",
    };
    let data = json!({ "version": "1.0", "type": kind });
    let summary = format!("Alarm \"{name}\" {what}");
    add(here, name, ItemKind::ConfigurationUpdate, summary, &data);
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct DescribeAlarmHistory {
    alarm_name: Option<String>,
    #[serde(default)]
    alarm_types: Vec<String>,
    history_item_type: Option<String>,
    start_date: Option<Moment>,
    end_date: Option<Moment>,
    max_records: Option<Whole>,
    next_token: Option<String>,
    scan_by: Option<String>,
}

impl Input for DescribeAlarmHistory {}

/// Newest first unless asked otherwise; without AlarmTypes only metric alarms [MODEL].
pub(super) fn describe(
    here: &mut Here<'_, CloudWatch>,
    request: &DescribeAlarmHistory,
) -> Result<Value, ApiError> {
    let size = page_size(request.max_records);
    let types = if request.alarm_types.is_empty() {
        vec!["MetricAlarm".to_owned()]
    } else {
        request.alarm_types.clone()
    };
    let wanted = |item: &&HistoryItem| {
        let start = request.start_date.is_none_or(|start| item.at_ms >= start.0);
        let end = request.end_date.is_none_or(|end| item.at_ms <= end.0);
        let kind = request.history_item_type.as_deref();
        start
            && end
            && types.contains(&item.alarm_kind)
            && kind.is_none_or(|kind| kind == item.kind.as_str())
            && request
                .alarm_name
                .as_ref()
                .is_none_or(|name| *name == item.alarm)
    };
    let items = here.own.history.iter().filter(wanted);
    let mut items: Vec<Value> = items.map(described).collect();
    if request.scan_by.as_deref() != Some("TimestampAscending") {
        items.reverse();
    }
    let (items, next) = page(&items, Some(size), request.next_token.as_deref(), size)
        .map_err(|_| invalid_token())?;
    Ok(json!({ "AlarmHistoryItems": items, "NextToken": next }))
}

fn described(item: &HistoryItem) -> Value {
    json!({
        "AlarmName": item.alarm,
        "AlarmType": item.alarm_kind,
        "Timestamp": instant(item.at_ms),
        "HistoryItemType": item.kind.as_str(),
        "HistorySummary": item.summary,
        "HistoryData": item.data,
    })
}

/// MaxRecords: 50 when it is not given [MEM].
pub(super) fn page_size(given: Option<Whole>) -> usize {
    let Whole(size) = given.unwrap_or(Whole(50));
    usize::try_from(size).unwrap_or_default()
}

pub(super) fn invalid_token() -> ApiError {
    ApiError::client("InvalidNextToken", "Invalid value for NextToken")
}
