"""The residents' word on a closed issue: asked by a link, answered on one page without an account."""
