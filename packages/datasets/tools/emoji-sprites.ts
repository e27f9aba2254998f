/**
 * The sprites of the atlas: the short names that emoji-datasource gives them, by class.
 *
 * A sprite is here when both vendors draw the same thing from the same side, and it is one thing: no heart on a
 * playing card, no boat with its piece of sea, no car that is a racing car for one and a sports car for the
 * other.
 */
export const sprites: Readonly<Record<string, string>> = {
  face: `grinning grin joy smiley smile sweat_smile laughing innocent wink blush slightly_smiling_face
    upside_down_face yum stuck_out_tongue stuck_out_tongue_winking_eye stuck_out_tongue_closed_eyes zany_face
    relieved pensive sleepy heart_eyes kissing kissing_heart star-struck sunglasses nerd_face smirk
    neutral_face expressionless unamused grimacing no_mouth confused worried cry frowning sob open_mouth
    astonished flushed mask angry rage thinking_face hugging_face nauseated_face cold_face hot_face
    anguished fearful scream disappointed persevere weary tired_face`,
  cat: `cat cat2 black_cat smiley_cat smile_cat joy_cat heart_eyes_cat smirk_cat kissing_cat pouting_cat
    crying_cat_face scream_cat`,
  dog: 'dog dog2 service_dog guide_dog poodle',
  bird: `rooster hatching_chick baby_chick hatched_chick black_bird bird penguin dove_of_peace turkey duck owl
    peacock parrot swan dodo flamingo goose`,
  car: `car blue_car taxi police_car oncoming_automobile oncoming_taxi oncoming_police_car pickup_truck
    minibus ambulance`,
  tree: 'evergreen_tree deciduous_tree palm_tree christmas_tree leafless_tree',
  flower: 'tulip cherry_blossom rose hibiscus sunflower blossom rosette lotus hyacinth',
  fruit: `watermelon tangerine lime lemon banana pineapple mango apple green_apple pear peach cherries
    strawberry kiwifruit coconut grapes blueberries`,
  building: `house house_with_garden house_buildings derelict_house_building office hospital bank hotel
    love_hotel school convenience_store factory church hut european_castle classical_building
    japanese_castle`,
  ball: 'soccer baseball softball basketball volleyball football rugby_football 8ball',
  heart: `heart orange_heart yellow_heart green_heart blue_heart light_blue_heart purple_heart brown_heart
    black_heart grey_heart white_heart pink_heart broken_heart heartbeat heartpulse sparkling_heart cupid
    gift_heart mending_heart`,
  clock: `clock1 clock2 clock3 clock4 clock5 clock6 clock7 clock8 clock9 clock10 clock11 clock12 clock130
    clock230 clock330 clock430 clock530 clock630 clock730 clock830 clock930 clock1030 clock1130 clock1230
    mantelpiece_clock watch alarm_clock stopwatch`,
}
