"""What the components in the browser share: how their scripts are put together, and how they travel."""
