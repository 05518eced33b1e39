//! ECS's rules as stories and laws. `stage` is the stage they are played on.

mod alarms;
mod answers;
mod breaker;
mod bus;
mod clusters;
mod counting;
mod described;
mod early;
mod edges;
mod launched;
mod laws;
mod native;
mod one_off;
mod protection;
mod ranges;
mod reached;
mod records;
mod rolling;
mod scale;
mod secrets;
mod speed;
mod stage;
mod starts;
mod strict;
mod updates;
