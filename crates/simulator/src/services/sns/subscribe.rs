//! Subscribe, ConfirmSubscription, Unsubscribe.

use super::find::{invalid, not_found, required, subscription_mut, topic};
use super::state::{Published, Subscription};
use super::subscriptions::{REMOVABLE, checked};
use crate::wire::{Form, Xml};
use crate::{ApiError, World};

/// Who answers at another end has to confirm that it wants to [DOC].
fn needs_confirmation(protocol: &str) -> Result<bool, ApiError> {
    match protocol {
        "http" | "https" | "email" | "email-json" => Ok(true),
        "sqs" | "lambda" | "firehose" | "application" | "sms" => Ok(false),
        _ => Err(invalid(
            "Invalid parameter: Amazon SNS does not support this protocol string",
        )),
    }
}

/// The same endpoint twice is the same subscription [DOC].
pub(super) fn subscribe(world: &mut World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&[
        "TopicArn",
        "Protocol",
        "Endpoint",
        "Attributes",
        "ReturnSubscriptionArn",
    ])?;
    let topic_arn = required(form, "TopicArn")?.to_owned();
    topic(world, &topic_arn)?;
    let protocol = required(form, "Protocol")?.to_owned();
    let waits = needs_confirmation(&protocol)?;
    let endpoint = required(form, "Endpoint")?.to_owned();
    let attributes = checked(form.entries("Attributes"))?;
    let known = world
        .sns
        .of_topic(&topic_arn)
        .find(|(_, one)| one.protocol == protocol && one.endpoint == endpoint)
        .map(|(arn, one)| {
            (
                arn.clone(),
                one.attributes == attributes,
                one.token.is_some(),
            )
        });
    let (arn, waits) = match known {
        Some((arn, true, waits)) => (arn, waits),
        Some((_, false, _)) => {
            return Err(invalid(
                "Invalid parameter: Attributes Reason: Subscription already exists with different attributes",
            ));
        }
        None => {
            let arn = format!("{topic_arn}:{}", world.draw_uuid());
            let token = waits.then(|| world.draw_hex());
            if let Some(token) = &token {
                ask_to_confirm(world, &topic_arn, token);
            }
            let made = Subscription {
                topic_arn,
                protocol,
                endpoint,
                attributes,
                token,
            };
            world.sns.subscriptions.insert(arn.clone(), made);
            (arn, waits)
        }
    };
    let shown = !waits || form.text("ReturnSubscriptionArn") == Some("true");
    Ok(Xml::new().text(
        "SubscriptionArn",
        if shown {
            arn.as_str()
        } else {
            "pending confirmation"
        },
    ))
}

/// The endpoint is sent a token, which is found among what was published.
fn ask_to_confirm(world: &mut World, topic_arn: &str, token: &str) {
    let published = Published {
        at_ms: world.now_ms,
        topic_arn: topic_arn.to_owned(),
        message_id: world.draw_uuid(),
        subject: Some("SubscriptionConfirmation".to_owned()),
        message: token.to_owned(),
        deduplication_id: None,
        sequence_number: None,
    };
    world.sns.remember(published);
}

pub(super) fn confirm(world: &mut World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&["TopicArn", "Token", "AuthenticateOnUnsubscribe"])?;
    let topic_arn = required(form, "TopicArn")?;
    topic(world, topic_arn)?;
    let token = required(form, "Token")?;
    let waiting = world
        .sns
        .of_topic(topic_arn)
        .find(|(_, one)| one.token.as_deref() == Some(token))
        .map(|(arn, _)| arn.clone());
    let arn = waiting.ok_or_else(|| invalid("Invalid parameter: Token"))?;
    subscription_mut(world, &arn)?.token = None;
    Ok(Xml::new().text("SubscriptionArn", arn))
}

/// One that is not there is no error; one that waits for its confirmation cannot go [DOC].
pub(super) fn unsubscribe(world: &mut World, form: &Form) -> Result<Xml, ApiError> {
    form.only(&["SubscriptionArn"])?;
    let arn = required(form, "SubscriptionArn")?;
    if arn.split(':').count() < REMOVABLE {
        return Err(invalid(
            "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 1",
        ));
    }
    if let Some(gone) = world.sns.subscriptions.remove(arn) {
        let topic = world.sns.topics.get_mut(&gone.topic_arn);
        let topic = topic.ok_or_else(|| not_found("Topic does not exist"))?;
        topic.unsubscribed += 1;
    }
    Ok(Xml::new())
}
