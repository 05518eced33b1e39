//! Alarms in virtual time, and the API through every protocol.
