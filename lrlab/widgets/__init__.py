"""The parts that labs are made of, one widget a file: fields, menus, the player, what stands under a picture."""
