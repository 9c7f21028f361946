"""People who sign in: passwords, second factor, logins, what a role may do, and sites."""
