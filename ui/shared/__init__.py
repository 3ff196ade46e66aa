"""What every page uses: the frame, addresses, the session, caches, the live view."""
