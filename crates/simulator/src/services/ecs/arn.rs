//! Names of things: ARNs and drawn ids.

use crate::World;
use crate::base::arn::regional_arn;

const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

impl World {
    /// `arn:aws:ecs:REGION:ACCOUNT:resource`.
    pub(crate) fn ecs_arn(&self, resource: &str) -> String {
        regional_arn("ecs", &self.region, &self.account, resource)
    }

    /// 32 hexadecimal digits, as in task ids.
    pub(crate) fn draw_hex(&mut self) -> String {
        self.random.hex()
    }

    /// A UUID, as in event ids.
    pub(crate) fn draw_uuid(&mut self) -> String {
        self.random.uuid()
    }

    /// 19 digits, as in `ecs-svc/<digits>`.
    pub(crate) fn draw_digits(&mut self) -> String {
        let number = self
            .random
            .between(1_000_000_000_000_000_000, 9_199_999_999_999_999_999);
        number.to_string()
    }

    /// 21 URL-safe characters, as in service deployment ARNs.
    pub(crate) fn draw_record_id(&mut self) -> String {
        let mut id = String::with_capacity(21);
        for _ in 0..21 {
            let index = usize::try_from(self.random.next_u64() % 64).unwrap_or(0);
            id.push(char::from(URL_SAFE[index]));
        }
        id
    }
}

/// The last part of an ARN, or the whole of a plain name.
pub(crate) fn last_part(name_or_arn: &str) -> &str {
    name_or_arn.rsplit('/').next().unwrap_or(name_or_arn)
}
