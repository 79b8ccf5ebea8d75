"""How much our paths cost, each as a ratio to a plain yardstick that runs beside it."""
