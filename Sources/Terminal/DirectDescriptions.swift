/// Descriptions of direct colour for terminals that announce it in `COLORTERM` where the system's
/// terminfo has none (Debian keeps them in ncurses-term, which is rarely there).
///
/// Compiled by `tic -x` from `direct.ti` beside this file, in Base64: curses takes that from `TERMINFO`.
enum DirectDescriptions {
  /// A description for a family of terminals that share their sequences; none for any other.
  static func matching(_ term: String) -> TerminalDescription.Choice? {
    if term.hasPrefix("tmux") || term.hasPrefix("screen") {
      return .init(term: "clip-tmux-direct", depth: .direct, quick: "b64:" + tmux)
    }
    guard KnownTerminals.isModern(term), !term.hasPrefix("rxvt") else { return nil }
    return .init(term: "clip-xterm-direct", depth: .direct, quick: "b64:" + xterm)
  }

  private static let xterm = """
    HgISAB0ADwBpAUwCY2xpcC14dGVybS1kaXJlY3QAAAEAAAEAAAAAAAAAAAEBAAAAAAAAAAAAAAAAAAEAUAAAAAgAAAAY\
    AAAA/////////////////////////////////////////////////////wAAAAEAAAEA//8AAAIA/////wQADAAQABQA\
    //8fADAAMgA2AD0A//8/AEwA//9QAP////////////9UAP//WABdAP//ZgD///////9rAHAAdQB6AIMAhwCOAP////+X\
    AJ0A//////////////////////////+jAP///////6UA//+qAP//////////rgD///////////////////////+yALYA\
    //+7AP//vwDEAMkA////////zQDRANkA/////////////////////////////////////////////+EA////////6gDz\
    AP///AD///////////////////////////////8FAf///////xAB/////////////////////////////////////1cB\
    //+MAf///////////////////////////////////////5AB////////////////////////////////////////////\
    ////////////////////////////////////////////////////////////////////////////////////////////\
    ////////////////////////////////////////////////////////////////////////////////////////////\
    /////////////////////////////////////////////////5QB////////////////////////////////////////\
    ////////////////////////////////mQH/////////////////////////////////////////////////////////\
    ////////////////////////////////////////////////////////////////////////////////////////////\
    //+iAf///////6YB+QEHAA0AG1tIG1sySgAbW0sAG1tKABtbJWklcDElZEcAG1slaSVwMSVkOyVwMiVkSAAKABtbSAAb\
    Wz8yNWwACAAbWz8xMmwbWz8yNWgAG1tDABtbQQAbKDAAG1sxbQAbWz8xMDQ5aAAbWzJtABtbN20AG1s3bQAbWzRtABtb\
    JXAxJWRYABsoQgAbKEIbW20AG1s/MTA0OWwAG1syN20AG1syNG0AfwAbWzN+ABtPQgAbT1AAG09IABtbMn4AG09EABtb\
    Nn4AG1s1fgAbT0MAG09BABtbPzFsGz4AG1s/MWgbPQAbWyVwMSVkQgAbWyVwMSVkRAAbWyVwMSVkQwAbWyVwMSVkQQAb\
    WyVpJXAxJWRkACU/JXA5JXQbKDAlZRsoQiU7G1swJT8lcDYldDsxJTslPyVwNSV0OzIlOyU/JXAyJXQ7NCU7JT8lcDEl\
    cDMlfCV0OzclO20AYGBhYWZmZ2dpaWpqa2tsbG1tbm5vb3BwcXFycnNzdHR1dXZ2d3d4eHl5enp7e3x8fX1+fgAbW1oA\
    G09GABtbMUsAG1szOTs0OW0AG1s8ABtbJT8lcDElezh9JTwldDMlcDElZCVlMzg7MjslcDElezY1NTM2fSUvJWQ7JXAx\
    JXsyNTZ9JS8lezI1NX0lJiVkOyVwMSV7MjU1fSUmJWQlO20AG1slPyVwMSV7OH0lPCV0NCVwMSVkJWU0ODsyOyVwMSV7\
    NjU1MzZ9JS8lZDslcDElezI1Nn0lLyV7MjU1fSUmJWQ7JXAxJXsyNTV9JSYlZCU7bQACAAAAAQAEACoAAQEAAAAAAwAH\
    ABtbPzEwMDY7MTAwMCU/JXAxJXsxfSU9JXRoJWVsJTsAQVgAUkdCAFhNAA==
    """

  private static let tmux = """
    HgIRAA8ADwBpAU4CY2xpcC10bXV4LWRpcmVjdAAAAQAAAQAAAAAAAAAAAQFQAAAACAAAABgAAAD/////////////////\
    ////////////////////////////////////AAAAAQAAAQD//wAAAgD/////BAAMABAAFAD//x8AMAAyADYAPQD//z8A\
    TAD//1AA/////////////1QA//9YAF0A//9mAP///////2sAcAB1AHoAgwCHAI4A/////5cAnQD/////////////////\
    /////////6MA////////pQD//6oA//////////+uAP///////////////////////7IAtwD//7wA///AAMUAygD/////\
    ///OANIA2gD/////////////////////////////////////////////4gD////////rAPQA///9AP//////////////\
    /////////////////wYB////////EQH/////////////////////////////////////WAH//40B////////////////\
    ////////////////////////kQH/////////////////////////////////////////////////////////////////\
    ////////////////////////////////////////////////////////////////////////////////////////////\
    ////////////////////////////////////////////////////////////////////////////////////////////\
    ////////////////////////////lgH/////////////////////////////////////////////////////////////\
    //////////+bAf//////////////////////////////////////////////////////////////////////////////\
    /////////////////////////////////////////////////////////////////////////6QB////////qAH7AQcA\
    DQAbW0gbWzJKABtbSwAbW0oAG1slaSVwMSVkRwAbWyVpJXAxJWQ7JXAyJWRIAAoAG1tIABtbPzI1bAAIABtbPzEybBtb\
    PzI1aAAbW0MAG1tBABsoMAAbWzFtABtbPzEwNDloABtbMm0AG1s3bQAbWzdtABtbNG0AG1slcDElZFgAGyhCABsoQhtb\
    bQAbWz8xMDQ5bAAbWzI3bQAbWzI0bQB/ABtbM34AG09CABtPUAAbWzF+ABtbMn4AG09EABtbNn4AG1s1fgAbT0MAG09B\
    ABtbPzFsGz4AG1s/MWgbPQAbWyVwMSVkQgAbWyVwMSVkRAAbWyVwMSVkQwAbWyVwMSVkQQAbWyVpJXAxJWRkACU/JXA5\
    JXQbKDAlZRsoQiU7G1swJT8lcDYldDsxJTslPyVwNSV0OzIlOyU/JXAyJXQ7NCU7JT8lcDElcDMlfCV0OzclO20AYGBh\
    YWZmZ2dpaWpqa2tsbG1tbm5vb3BwcXFycnNzdHR1dXZ2d3d4eHl5enp7e3x8fX1+fgAbW1oAG1s0fgAbWzFLABtbMzk7\
    NDltABtbTQAbWyU/JXAxJXs4fSU8JXQzJXAxJWQlZTM4OzI7JXAxJXs2NTUzNn0lLyVkOyVwMSV7MjU2fSUvJXsyNTV9\
    JSYlZDslcDElezI1NX0lJiVkJTttABtbJT8lcDElezh9JTwldDQlcDElZCVlNDg7MjslcDElezY1NTM2fSUvJWQ7JXAx\
    JXsyNTZ9JS8lezI1NX0lJiVkOyVwMSV7MjU1fSUmJWQlO20AAgAAAAEAAwAKAAEB/v8AAAMABwBBWABSR0IAWE0A
    """
}
