//! Not everything that speaks S3 keeps the conditions of writes: some ignore them, and every writer would win.

use backstay_domain::ports::{FailureKind, PortFailure};

use super::S3Store;
use super::put::{Answer, Condition};
use crate::aws::error::refusal;
use crate::state::Tag;

/// Stays in the bucket: removing it would need one more permission.
const PROBE: &str = "conditional-writes";

const TEXT: &[u8] = b"Backstay writes this to see that conditional writes are refused.\n";

impl S3Store {
    /// Creates an object twice, then replaces a state of it that it never had. Only the very first may succeed.
    pub(super) async fn prove_conditional_writes(&self) -> Result<(), PortFailure> {
        let key = self.key(PROBE);
        let never = Tag("\"00000000000000000000000000000000\"".to_owned());
        let put = |condition| {
            let key = &key;
            async move {
                self.patiently(|| self.put_once(key, TEXT, condition))
                    .await
                    .map_err(self.about(key))
            }
        };
        put(Condition::New).await?;
        let tries = [
            (Condition::New, "If-None-Match"),
            (Condition::Same(&never), "If-Match"),
        ];
        for (condition, header) in tries {
            if let Answer::Written(_) = put(condition).await? {
                let message = format!(
                    "this store ignores `{header}` on writes: two deployments could run at once. \
                     Keep the state in Amazon S3, in a store with conditional writes, or in a directory"
                );
                let refused = refusal("s3.PutObject", FailureKind::Rejected, message);
                return Err(self.about(&key)(refused));
            }
        }
        Ok(())
    }
}
