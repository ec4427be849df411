import { ExitCode } from "./exit-code.js";

export interface Interruption {
	/** Aborted by the first Ctrl-C or SIGTERM; a second one kills. */
	readonly signal: AbortSignal;
	/** Of a command that it ended. */
	exitCode: ExitCode;
	end(): void;
}

/** `onStop` is called beside, for what does not look at signals. */
export function interruptible(onStop: () => void = () => {}): Interruption {
	const controller = new AbortController();
	const stop = (exitCode: ExitCode) => () => {
		interruption.exitCode = exitCode;
		controller.abort();
		onStop();
	};
	const [onInterrupt, onTerminate] = [stop(ExitCode.interrupted), stop(ExitCode.terminated)];
	const interruption: Interruption = {
		signal: controller.signal,
		exitCode: ExitCode.interrupted,
		end() {
			process.off("SIGINT", onInterrupt);
			process.off("SIGTERM", onTerminate);
		},
	};
	process.once("SIGINT", onInterrupt);
	process.once("SIGTERM", onTerminate);
	return interruption;
}
