"""What scripts of `experiments` share, and what reports do: tables, pictures, pages, their look."""
