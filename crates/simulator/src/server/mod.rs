//! The TCP door: the same worlds for the aws CLI, boto3, Terraform and `backstay` itself, over HTTP/1.1.
//!
//! Every request but those below `/_backstay/` is a call of an AWS API. Any credentials are accepted. An access key id of twelve
//! digits is the account's own; any other, and an unsigned request, is for the default account. The Region is the signing scope's.
//! Each account has a world per Region, made empty when it is first asked for. **S3 and CloudFront are global**: every account keeps
//! them in its world of the default Region, whatever Region signs.
//!
//! Every reply says `X-Backstay-Served-By: backstay`, and its `Date` is virtual now. What nobody here serves is answered with 501
//! and named, or forwarded byte for byte to the upstream, whose replies say `X-Backstay-Served-By: upstream`.
//!
//! With `forward` the upstream also gets services that are simulated here (`neighbour`). Faults still strike their calls; the
//! access key becomes the account's number; CloudFront fetches its objects there, tasks their secrets, and they write their logs
//! there. `reset`, `restore` and `snapshot` are about the worlds here alone.
//!
//! # The registry
//!
//! `/v2/` is Docker's registry protocol for the repositories of ECR: `docker login`, `push` and `pull`. The login's password is that
//! of GetAuthorizationToken, and says whose registry it is, unless the host does (`ACCOUNT.dkr.ecr.REGION.amazonaws.com`). Layers lie
//! in memory, or beside the saved worlds; a snapshot of a world has none of their bytes.
//!
//! # Users' requests
//!
//! [`Server::open_web`] opens a port for every listener of an active load balancer and for every distribution that is deployed; while
//! it serves, ports come and go with them. A request whose host is known in any world is for that host, at whichever port it
//! arrives; any other is for the thing that the port belongs to. HTTPS is spoken as plain HTTP, and called https to the target.
//!
//! A target is reached for real when its task's containers run for real, or when it was registered by hand with a loopback address.
//! Requests are carried there, health checks are made there, and what is under way when the deregistration delay has elapsed is cut.
//! Every other target answers as its script says. `GET web` below goes the same way.
//!
//! # The control API
//!
//! JSON below `/_backstay/`. It works on the default world; `?account=` and `?region=` choose another one.
//!
//! | call | does |
//! | --- | --- |
//! | `GET health` | `{"status": "ok", "worlds": ["ACCOUNT/REGION", …]}` |
//! | `GET now` | `{"now_ms": …, "time": "manual" \| "running", "speed": … \| null, "next_event_ms": … \| null}` |
//! | `POST advance` | `{"by_ms": N}` or `{"to_ms": N}`, at most a year; never back. Answers like `now` |
//! | `GET faults` | `{"faults": […]}`: those in force, with what is left of them |
//! | `POST faults` | one [`Fault`](crate::Fault), or a list of them. Answers like `GET faults` |
//! | `DELETE faults` | ends those that have not struck yet |
//! | `POST images` | `{"repository", "tags", "platforms"?, "schema_head"?}`: a push of an image without content; a tag of one that docker has pushed stays there. Answers `{"repository", "tags", "digest"}` |
//! | `POST utilization` | `{"cluster", "service", "cpu"?, "memory"?}`, each `{"each": PERCENT}` of every task or `{"together": PERCENT}` for all tasks to share: what the service uses from now on, once a minute as CPUUtilization and MemoryUtilization of ECS; what is left out is not measured. Answers what was set |
//! | `GET web?url=` | a user's GET (or HEAD) of this URL, at the load balancers and the CDN: status, headers and body are theirs. A host that nobody has is 502 with `x-backstay-fetch-error: no-such-host` |
//! | `GET ports` | `{"ports": [{"url", "world", "kind", "name", "arn", "protocol", "port", "hosts"}]}`: where users reach the load balancers and the CDN, of all worlds |
//! | `GET picture` | the [`Picture`](crate::Picture): what runs where |
//! | `GET calls` | `{"calls": {…}, "throttled": {…}, "upstream": {"sent": …, "refused": …, "failed": …}}`: by `service.Operation`; and what went to the upstream since the start, for all worlds |
//! | `GET events` | `{"events": […]}`, oldest first: the latest 1000 calls (`status` is null when the connection was broken) and the services' events |
//! | `GET violations` | `{"violations": […]}`: rules that were broken |
//! | `GET snapshot` | the world, as [`World::to_json`](crate::World::to_json) writes it |
//! | `POST restore` | such a world takes the place of its account's and Region's, and is the default from now on; the server's time becomes its time |
//! | `POST reset` | everything as it was when the server was started without a state; time too |
//!
//! A refusal is `{"error": "…"}` with a status of 400 or more.

mod aws;
mod clock;
mod control;
#[cfg(test)]
mod fuzz;
mod halves;
mod journal;
mod layers;
mod listen;
mod neighbour;
mod oci;
mod registry;
mod request;
mod state;
mod tasks;
mod unserved;
mod upstream;
mod users;

pub use clock::{Pace, PaceError};
pub use listen::{Server, ServerOptions};
pub use neighbour::{Forwarded, ForwardedError, Unfurnished};
pub use registry::Worlds;
pub use state::StateError;
pub use tasks::{NoEngine, NoProgram, Program, TaskRuntime};
pub use upstream::{Upstream, UpstreamError};
pub use users::{WebChange, WebDoor, WebError, WebKind, WebPorts, WebPortsError};

pub use crate::front::throttle::Throttling;
