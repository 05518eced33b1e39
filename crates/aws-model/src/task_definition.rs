//! What RegisterTaskDefinition refuses beyond its model.
