"""HTTP API: what pages and commands do, for programs, described by its OpenAPI document."""
