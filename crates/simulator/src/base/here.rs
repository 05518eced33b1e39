//! One service's part of a world, for the length of a call.

use crate::base::agenda::Agenda;
use crate::base::random::Random;
use crate::{Millis, Weather};

/// A service's own state, and what surrounds it. Of other services it knows nothing.
pub(crate) struct Here<'w, Own> {
    pub(crate) own: &'w mut Own,
    /// Virtual milliseconds since the Unix epoch.
    pub(crate) now_ms: Millis,
    pub(crate) account: &'w str,
    pub(crate) region: &'w str,
    pub(crate) weather: Weather,
    pub(crate) random: &'w mut Random,
    /// What happens next.
    pub(crate) agenda: &'w mut Agenda,
}

/// `here!(world.ssm)`: that service's part of it. Other parts stay free to be borrowed. `here!(world)`: of one without a state.
macro_rules! here {
    ($world:ident) => {
        $crate::base::here::here!(@ $world, &mut ())
    };
    ($world:ident . $own:ident) => {
        $crate::base::here::here!(@ $world, &mut $world.$own)
    };
    (@ $world:ident, $own:expr) => {
        $crate::base::here::Here {
            own: $own,
            now_ms: $world.now_ms,
            account: &$world.account,
            region: &$world.region,
            weather: $world.weather,
            random: &mut $world.random,
            agenda: &mut $world.agenda,
        }
    };
}
pub(crate) use here;
