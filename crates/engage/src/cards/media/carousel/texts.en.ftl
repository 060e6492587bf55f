carousel-title = Carousel
carousel-row = Pictures, scroll sideways
carousel-place = { $place } of { $total }
carousel-previous = Previous
carousel-next = Next
carousel-control-pictures = Pictures
carousel-control-image = Picture
carousel-control-caption = Caption
