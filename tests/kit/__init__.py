"""What the tests share: a real PostgreSQL, a running application, people who use it."""
