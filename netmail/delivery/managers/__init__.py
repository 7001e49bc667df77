"""What takes messages and hands them to transports; `netmail.delivery.registry` has their names."""
