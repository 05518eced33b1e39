//! Virtual time behind the AWS SDK's two clocks.

use std::time::{Duration, SystemTime};

use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use aws_smithy_async::time::TimeSource;

use crate::SimulatedTime;

impl AsyncSleep for SimulatedTime {
    fn sleep(&self, duration: Duration) -> Sleep {
        let time = *self;
        Sleep::new(async move { SimulatedTime::sleep(&time, duration).await })
    }
}

impl TimeSource for SimulatedTime {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.now_ms())
    }
}
