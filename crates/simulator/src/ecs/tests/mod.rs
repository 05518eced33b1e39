//! ECS's rules as stories and laws. `stage` is the stage they are played on.

mod alarms;
mod answers;
mod breaker;
mod bus;
mod clusters;
mod early;
mod edges;
mod laws;
mod native;
mod one_off;
mod protection;
mod records;
mod rolling;
mod scale;
mod speed;
mod stage;
mod strict;
mod updates;
