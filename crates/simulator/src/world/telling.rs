//! Services tell the event bus what happens to them, and what its rules send on comes to where it is kept.

use bytes::Bytes;
use http::Response;
use serde_json::Value;

use crate::base::here::here;
use crate::front::Service;
use crate::services::events::{self, Detail, Sent, Told};
use crate::services::s3::{self, Destination, Notice};
use crate::services::sns::{self, publish_from_inside};
use crate::services::sqs::{FromInside, send_from_inside};
use crate::world::elsewhere;
use crate::{ApiError, World};

impl World {
    /// A service tells the default event bus something.
    pub(crate) fn tell(
        &mut self,
        source: &str,
        detail_type: &str,
        resources: Vec<String>,
        detail: Detail,
    ) {
        let told = Told {
            at_ms: self.now_ms,
            source: source.to_owned(),
            detail_type: detail_type.to_owned(),
            resources,
            detail,
        };
        events::tell(&mut here!(self.events), told);
        self.carry_events();
    }

    /// Another service publishes to a topic, with or without a subject; false when there is no such topic. Of topics that are
    /// elsewhere that is not known.
    pub(crate) fn publish(&mut self, topic_arn: &str, subject: &str, message: &str) -> bool {
        if self.elsewhere.has(Service::Sns) {
            self.elsewhere.tell(elsewhere::Told::Published {
                topic: topic_arn.to_owned(),
                subject: subject.to_owned(),
                message: message.to_owned(),
            });
            return true;
        }
        let is_there = publish_from_inside(&mut here!(self.sns), topic_arn, subject, message);
        self.carry_topics();
        is_there
    }

    /// Serves an operation of SNS.
    pub(crate) fn topics(&mut self, operation: &str, input: &Value) -> Result<Value, ApiError> {
        let served = sns::call(&mut here!(self.sns), operation, input);
        self.carry_topics();
        served
    }

    /// What topics have got comes to the queues that have subscribed to them and want it, or to those for what they do not take.
    pub(crate) fn carry_topics(&mut self) {
        for sent in std::mem::take(&mut self.sns.outbox) {
            let message = FromInside {
                body: &sent.body,
                group: sent.group.as_deref(),
                deduplication_id: sent.deduplication_id.as_deref(),
                attributes: sent.attributes,
            };
            let is_taken = send_from_inside(&mut here!(self.sqs), &sent.queue, message.clone());
            if let Some(queue) = sent.dead_letters.filter(|_| !is_taken) {
                send_from_inside(&mut here!(self.sqs), &queue, message);
            }
        }
    }

    /// Another service sends to a queue; false when there is no such queue, or it does not take the message.
    pub(crate) fn send_to_queue(&mut self, arn: &str, body: &str, group: Option<&str>) -> bool {
        let message = FromInside {
            body,
            group,
            ..FromInside::default()
        };
        send_from_inside(&mut here!(self.sqs), arn, message)
    }

    /// What a bucket tells of a request that was answered comes to where its configuration says.
    pub(crate) fn carry_notices(
        &mut self,
        asked: &s3::Asked,
        answered: &Response<Bytes>,
        request_id: &str,
    ) {
        let notices = s3::notices(&here!(self.s3), asked, answered, request_id);
        for notice in notices {
            match notice {
                Notice::Queue(arn, body) => {
                    self.send_to_queue(&arn, &body, None);
                }
                Notice::Topic(arn, body) => {
                    self.publish(&arn, "Amazon S3 Notification", &body);
                }
                Notice::Bus(kind, bucket, detail) => {
                    self.tell("aws.s3", kind, vec![bucket], Detail::of(&detail));
                }
            }
        }
    }

    /// The refusal of a bucket's configuration that would send to what is not there. Of what is elsewhere that is not known.
    pub(crate) fn without_destination(&self, asked: &s3::Asked) -> Option<Response<Bytes>> {
        let mut missing = s3::destinations(&self.s3, asked);
        let whose = (self.account.as_str(), self.region.as_str());
        missing.retain(|it| match it {
            Destination::Queue(arn) => {
                !self.elsewhere.has(Service::Sqs) && !self.sqs.has(arn, whose)
            }
            Destination::Topic(arn) => !self.elsewhere.has(Service::Sns) && !self.sns.has(arn),
        });
        (!missing.is_empty()).then(|| s3::no_destinations(&missing))
    }

    /// What rules have sent comes to where it is for.
    pub(crate) fn carry_events(&mut self) {
        for sent in std::mem::take(&mut self.events.outbox) {
            match sent {
                Sent::Target {
                    rule,
                    target,
                    message,
                } => self.call_soon(rule, target, message),
                // A log group that is not there gets nothing; one that is elsewhere is not known here.
                Sent::LogGroup {
                    group,
                    stream,
                    message,
                } => {
                    if self.elsewhere.has(Service::Logs) || self.logs.has_group(&group) {
                        let at_ms = self.now_ms;
                        self.log(group, stream, at_ms, message);
                    }
                }
            }
        }
    }
}
