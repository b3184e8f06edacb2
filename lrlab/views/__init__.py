"""Pictures: a view owns matplotlib artists and draws a Run with them. No widgets, no simulation."""
