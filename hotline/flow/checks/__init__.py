"""The linter's checks, one subject a module. `hotline.flow.check` runs them all."""
