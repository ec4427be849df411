/** What RAISE in a trigger throws; the runner of the statement knows what each action means. */

export class Raised {
	readonly action: "ignore" | "rollback" | "abort" | "fail";
	readonly message: string;

	constructor(action: Raised["action"], message: string) {
		this.action = action;
		this.message = message;
	}
}
