//! The service; so far a shell that answers its health check.
