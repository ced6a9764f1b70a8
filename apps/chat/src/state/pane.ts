/** What a phone shows; wider screens show the list and the room beside each other, and the people where there is room. */
export type Pane = 'list' | 'room' | 'people';
