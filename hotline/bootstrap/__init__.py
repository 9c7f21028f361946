"""The composition root: settings become an application. The only place that knows every part."""
